import "./usage.css";
import { useQuery } from "@apollo/client/react";
import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useLocation, useSearchParams } from "react-router";
import { eventsHref } from "../events/events-href.ts";
import { useBillingLocale } from "../formats/figures.tsx";
import { measuredUnit } from "../formats/unit.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { useThrottled } from "../live/use-throttled.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { ErrorState } from "../states/error-state.tsx";
import { BlockSkeleton } from "../states/skeletons.tsx";
import { PLOT_HEIGHT, UsageChart } from "./usage-chart.tsx";

const USAGE_PANEL_CONSUMPTION = graphql(`
  fragment UsagePanel_Consumption on Consumption {
    completeThrough
    period {
      start
      end
    }
    lines {
      meterKey
      meter {
        id
        name
        unit
        aggregation
        groupBy
      }
    }
  }
`);

const USAGE_PANEL_QUERY = graphql(`
  query UsagePanelQuery($customerId: ID!, $meterKey: String!, $from: DateTime!, $to: DateTime!, $groupBy: String) {
    usageSeries(customerId: $customerId, meterKey: $meterKey, from: $from, to: $to, grain: DAY, groupBy: $groupBy) {
      ...UsageChart_Series
    }
  }
`);

/** How often at most the days are asked for again while the bill moves by itself. */
const DAYS_EVERY_MS = 2_000;

/** The room of sentence, plot and legend, kept while the series loads. */
const BODY_HEIGHT = PLOT_HEIGHT + 40;

/** A meter's days over the period, as chart or table, by a declared property if wanted. The meter stands in the address. */
export function UsagePanel(props: {
  consumption: FragmentType<typeof USAGE_PANEL_CONSUMPTION>;
  customerId: string;
  eventsPath: string;
}) {
  const { period, lines, completeThrough } = readFragment(USAGE_PANEL_CONSUMPTION, props.consumption);
  const { timeZone } = useBillingLocale();
  const [params, setParams] = useSearchParams();
  const [view, setView] = useState<"CHART" | "TABLE">("CHART");
  const line = lines.find((candidate) => candidate.meterKey === params.get("meter")) ?? lines[0];
  const groupBy = line?.meter.groupBy.find((property) => property === params.get("by")) ?? null;
  const choose = (name: string, value: string) =>
    setParams((now) => withParam({ params: now, name, value }), { replace: true, preventScrollReset: true });

  const title = useArrival("#usage");
  return (
    <section className="ml-panel" id="usage" aria-labelledby="usage-title">
      <div className="ml-panel-head ml-usage-head">
        <div>
          <h2 id="usage-title" className="ml-panel-title" ref={title} tabIndex={-1}>
            {line === undefined ? "Usage by day" : `${line.meter.name} by day`}
          </h2>
          <p className="ml-panel-note">Days in {timeZone}</p>
        </div>
        {line === undefined ? null : (
          <div className="ml-usage-controls">
            <NativeSelect
              aria-label="Meter"
              value={line.meterKey}
              onChange={(event) => choose("meter", event.currentTarget.value)}
              data={lines.map(({ meterKey, meter }) => ({ value: meterKey, label: meter.name }))}
            />
            {line.meter.groupBy.length === 0 ? null : (
              <NativeSelect
                aria-label="Group by"
                value={groupBy ?? ""}
                onChange={(event) => choose("by", event.currentTarget.value)}
                data={[
                  { value: "", label: "Not grouped" },
                  ...line.meter.groupBy.map((property) => ({ value: property, label: `By ${property}` })),
                ]}
              />
            )}
            <SegmentedControl
              aria-label="Show as"
              value={view}
              onChange={setView}
              data={[
                { value: "CHART", label: "Chart" },
                { value: "TABLE", label: "Table" },
              ]}
            />
          </div>
        )}
      </div>
      {line === undefined ? (
        <EmptyState title="No usage to show">
          Once a meter counts something in this period, its days appear here.
        </EmptyState>
      ) : (
        <PanelSeries
          customerId={props.customerId}
          meterKey={line.meterKey}
          meterName={line.meter.name}
          unit={measuredUnit(line.meter)}
          from={period.start}
          to={period.end}
          groupBy={groupBy}
          completeThrough={completeThrough}
          view={view}
          eventsPath={props.eventsPath}
        />
      )}
    </section>
  );
}

function PanelSeries(props: {
  customerId: string;
  meterKey: string;
  meterName: string;
  unit: string;
  from: string;
  to: string;
  groupBy: string | null;
  /** Of the bill above: when it moves on, the days are asked for again, so that both state one number. */
  completeThrough: string;
  view: "CHART" | "TABLE";
  eventsPath: string;
}) {
  const { customerId, meterKey, from, to, groupBy } = props;
  const variables = { customerId, meterKey, from, to, groupBy };
  const { data, error, refetch } = useQuery(USAGE_PANEL_QUERY, { variables });
  const completeThrough = useThrottled(props.completeThrough, DAYS_EVERY_MS);
  const shownThrough = useRef(completeThrough);
  useEffect(() => {
    if (shownThrough.current === completeThrough) return;
    shownThrough.current = completeThrough;
    // A failed refresh leaves the days that are shown; the bill's own notice says that figures are old.
    refetch().catch(() => undefined);
  }, [completeThrough, refetch]);
  if (data !== undefined) {
    return (
      <UsageChart
        series={data.usageSeries}
        meterName={props.meterName}
        unit={props.unit}
        view={props.view}
        eventsHref={(window) => eventsHref(props.eventsPath, { meterKey, ...window })}
      />
    );
  }
  if (error !== undefined) {
    return (
      <div style={{ minHeight: BODY_HEIGHT }}>
        <ErrorState error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  return (
    <div className="ml-usage" aria-busy="true">
      <BlockSkeleton height={BODY_HEIGHT} />
    </div>
  );
}

/** A link that ends in `hash` brings the eye and the keyboard to the element. */
function useArrival(hash: string) {
  const location = useLocation();
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (location.hash !== hash || element.current === null) return;
    element.current.scrollIntoView({ block: "start" });
    element.current.focus({ preventScroll: true });
  }, [location.hash, location.key, hash]);
  return element;
}

/** The same address with one parameter set, or left out when empty; another meter starts ungrouped. */
function withParam({ params, name, value }: { params: URLSearchParams; name: string; value: string }): URLSearchParams {
  const next = new URLSearchParams(params);
  if (name === "meter") next.delete("by");
  if (value === "") next.delete(name);
  else next.set(name, value);
  return next;
}
