import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { useBillingLocale } from "../formats/figures.tsx";
import { formatInstant } from "../formats/instant.ts";
import { formatAxisQuantity, formatQuantity } from "../formats/quantity.ts";
import type { SeriesRow } from "./series-view.ts";

/** Groups that get a colour of their own; the others are drawn in grey on top, each in its true size. */
export const COLOURED_GROUPS = 8;

type PlotProps = {
  readonly rows: readonly SeriesRow[];
  /** Names of the groups in the order of `row.groups`; empty for an ungrouped series. */
  readonly groupNames: readonly string[];
  readonly unit: string;
  readonly height: number;
};

/** One row as the chart library wants it. Numbers here are heights of bars, nothing else: every figure shown is `exact`. */
type PlotRow = { label: string; exact: SeriesRow; [key: string]: number | string | SeriesRow | null };

/** The bars of a series. Hidden from screen readers: the sentence above it and the table say the same. */
export function UsagePlot({ rows, groupNames, unit, height }: PlotProps) {
  const { timeZone } = useBillingLocale();
  const grouped = groupNames.length > 0;
  const data = rows.map((row) => plotRow(row, timeZone, grouped));
  const series = grouped
    ? groupNames.map((name, index) => ({ name: `g${index}`, label: name, color: groupColour(index) }))
    : [
        { name: "full", label: "Full day", color: "var(--ml-chart-1)" },
        { name: "soFar", label: "So far", color: "var(--ml-chart-partial)" },
      ];
  return (
    <BarChart
      aria-hidden
      h={height}
      data={data}
      dataKey="label"
      type="stacked"
      series={series}
      withLegend={false}
      gridAxis="x"
      tickLine="none"
      maxBarWidth={40}
      strokeDasharray="2 4"
      gridColor="var(--ml-line)"
      textColor="var(--ml-muted)"
      valueFormatter={(value) => formatAxisQuantity(value)}
      barChartProps={{ accessibilityLayer: false, margin: { top: 8, right: 4, bottom: 0, left: 0 } }}
      barProps={{ isAnimationActive: false }}
      xAxisProps={{ interval: "preserveStartEnd", minTickGap: 18 }}
      yAxisProps={{ width: 52 }}
      tooltipAnimationDuration={0}
      tooltipProps={{
        cursor: { fill: "var(--ml-line)", opacity: 0.45 },
        content: ({ payload }) => {
          const exact = (payload?.[0]?.payload as PlotRow | undefined)?.exact;
          return exact === undefined ? null : (
            <PlotTip row={exact} groupNames={groupNames} unit={unit} timeZone={timeZone} />
          );
        },
      }}
    />
  );
}

function plotRow(row: SeriesRow, timeZone: string, grouped: boolean): PlotRow {
  const label = formatInstant(row.start, { timeZone, detail: "weekday" });
  const plotted: PlotRow = { label, exact: row };
  if (row.standing === "AHEAD") return plotted;
  if (grouped) row.groups.forEach((quantity, index) => (plotted[`g${index}`] = barHeight(quantity)));
  else plotted[row.standing === "FULL" ? "full" : "soFar"] = barHeight(row.quantity);
  return plotted;
}

/** The one place where a quantity becomes a floating number: as the height of a bar. */
function barHeight(quantity: string | null): number | null {
  return quantity === null ? null : Number(quantity);
}

function groupColour(index: number): string {
  return index < COLOURED_GROUPS ? `var(--ml-chart-${index + 1})` : "var(--ml-chart-rest)";
}

function PlotTip(props: { row: SeriesRow; groupNames: readonly string[]; unit: string; timeZone: string }) {
  const { row, groupNames, unit, timeZone } = props;
  if (row.standing === "AHEAD") return null;
  return (
    <div className="ml-plot-tip">
      <strong>
        {formatInstant(row.start, { timeZone, detail: "weekday" })}
        {row.standing === "SO_FAR" ? ", so far" : ""}
      </strong>
      <span>{row.quantity === null ? "No value" : `${formatQuantity(row.quantity)} ${unit}`}</span>
      {groupNames.slice(0, COLOURED_GROUPS).map((name, index) => {
        const quantity = row.groups[index];
        return quantity == null ? null : (
          <span key={name} className="ml-plot-tip-group">
            <i style={{ background: groupColour(index) }} />
            {name}
            <b>{formatQuantity(quantity)}</b>
          </span>
        );
      })}
      {groupNames.length > COLOURED_GROUPS ? (
        <em>and {groupNames.length - COLOURED_GROUPS} more in the table</em>
      ) : null}
    </div>
  );
}
