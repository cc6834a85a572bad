import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useBillingLocale } from "../formats/figures.tsx";
import { formatInstant } from "../formats/instant.ts";
import { formatQuantity } from "../formats/quantity.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { busiestRow, groupName, type SeriesRow, seriesRows } from "./series-view.ts";
import { UsageTable } from "./usage-table.tsx";

const USAGE_CHART_SERIES = graphql(`
  fragment UsageChart_Series on UsageSeries {
    total
    completeThrough
    points {
      start
      end
      quantity
      eventCount
    }
    groups {
      value
      total
      points {
        start
        quantity
      }
    }
  }
`);

/** The chart library is most of the portal's weight, so it comes after the figures; its room is kept free meanwhile. */
const UsagePlot = lazy(async () => ({ default: (await import("./usage-plot.tsx")).UsagePlot }));

/** Height of the plot in pixels, the same while it loads. */
export const PLOT_HEIGHT = 280;

/** Groups that the legend names; the same number as the plot colours. */
const LEGEND_GROUPS = 8;

/** A daily chart with one sentence that says what it shows, or the same figures as a table. */
export function UsageChart(props: {
  series: FragmentType<typeof USAGE_CHART_SERIES>;
  meterName: string;
  /** Of the measured quantities, as `measuredUnit` gives it. */
  unit: string;
  view: "CHART" | "TABLE";
  eventsHref: (window: { from: string; to: string }) => string;
}) {
  const series = readFragment(USAGE_CHART_SERIES, props.series);
  const { timeZone } = useBillingLocale();
  const rows = seriesRows(series);
  const groupNames = series.groups.map((group) => groupName(group.value));
  const busiest = busiestRow(rows);
  return (
    <div className="ml-usage">
      <p className="ml-usage-words">{summaryWords({ total: series.total, unit: props.unit, busiest, timeZone })}</p>
      {props.view === "TABLE" ? (
        <UsageTable
          rows={rows}
          groupNames={groupNames}
          groupTotals={series.groups.map((group) => group.total)}
          unit={props.unit}
          total={series.total}
          caption={`${props.meterName} by day`}
          eventsHref={props.eventsHref}
        />
      ) : (
        <>
          <Suspense fallback={<Skeleton height={PLOT_HEIGHT} radius="sm" />}>
            <UsagePlot rows={rows} groupNames={groupNames} unit={props.unit} height={PLOT_HEIGHT} />
          </Suspense>
          <Legend groups={series.groups} />
        </>
      )}
    </div>
  );
}

function Legend({ groups }: { groups: readonly { value: string; total: string | null }[] }) {
  if (groups.length === 0) return null;
  return (
    <ul className="ml-legend" aria-label="Groups, largest first">
      {groups.slice(0, LEGEND_GROUPS).map((group, index) => (
        <li key={group.value}>
          <i style={{ background: `var(--ml-chart-${index + 1})` }} aria-hidden />
          {groupName(group.value)}{" "}
          <span className="ml-unit ml-figure">{group.total === null ? "no value" : formatQuantity(group.total)}</span>
        </li>
      ))}
      {groups.length > LEGEND_GROUPS ? (
        <li>
          <i style={{ background: "var(--ml-chart-rest)" }} aria-hidden />
          {groups.length - LEGEND_GROUPS} more, in the table
        </li>
      ) : null}
    </ul>
  );
}

/** What the chart shows, in words, for everyone and above all for those who do not see it. */
export function summaryWords(facts: {
  total: string | null;
  unit: string;
  busiest: SeriesRow | null;
  timeZone: string;
}): string {
  const { total, unit, busiest, timeZone } = facts;
  if (total === null) return "No value in this period.";
  const whole = `${formatQuantity(total)} ${unit} in the period.`;
  if (busiest?.quantity == null) return whole;
  const day = formatInstant(busiest.start, { timeZone, detail: "weekday" });
  return `${whole} Most on ${day}${busiest.standing === "SO_FAR" ? " (so far)" : ""}: ${formatQuantity(busiest.quantity)}.`;
}
