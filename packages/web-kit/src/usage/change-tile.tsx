import { useQuery } from "@apollo/client/react";
import { Skeleton } from "@mantine/core";
import { useState } from "react";
import { useBillingLocale } from "../formats/figures.tsx";
import { formatPercent, formatQuantity } from "../formats/quantity.ts";
import { measuredUnit } from "../formats/unit.ts";
import { formatInstant } from "../formats/instant.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { compareLastDay, type DayComparison, USUAL_DAYS } from "./usual-day.ts";

const CHANGE_TILE_CONSUMPTION = graphql(`
  fragment ChangeTile_Consumption on Consumption {
    lines {
      meterKey
      meter {
        id
        name
        unit
        aggregation
      }
    }
  }
`);

const RECENT_DAYS_QUERY = graphql(`
  query RecentDaysQuery($customerId: ID!, $meterKey: String!, $from: DateTime!, $to: DateTime!) {
    usageSeries(customerId: $customerId, meterKey: $meterKey, from: $from, to: $to, grain: DAY) {
      completeThrough
      points {
        start
        end
        quantity
        eventCount
      }
    }
  }
`);

/** The tile has room for this many meters; the chart compares the others. */
const MAX_METERS = 3;

const HOUR_MS = 3_600_000;

/** Days asked for: those of the usual day, the last full one, and a part day at either end. */
const ASKED_MS = (USUAL_DAYS + 3) * 24 * HOUR_MS;

/** What changed: each meter's last full day beside its usual one. */
export function ChangeTile(props: { consumption: FragmentType<typeof CHANGE_TILE_CONSUMPTION>; customerId: string }) {
  const { lines } = readFragment(CHANGE_TILE_CONSUMPTION, props.consumption);
  return (
    <div className="ml-tile">
      <h2 className="ml-tile-title">What changed</h2>
      {lines.length === 0 ? <p className="ml-tile-note">No usage yet.</p> : null}
      <ul className="ml-changes">
        {lines.slice(0, MAX_METERS).map((line) => (
          <li key={line.meterKey}>
            <span className="ml-change-name">{line.meter.name}</span>
            <MeterChange customerId={props.customerId} meterKey={line.meterKey} unit={measuredUnit(line.meter)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function MeterChange({ customerId, meterKey, unit }: { customerId: string; meterKey: string; unit: string }) {
  const { timeZone } = useBillingLocale();
  // Whole hours, and only once: a new "now" at each drawing would be a new question to the API each time.
  const [to] = useState(() => new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS).toISOString());
  const from = new Date(Date.parse(to) - ASKED_MS).toISOString();
  const { data, error } = useQuery(RECENT_DAYS_QUERY, { variables: { customerId, meterKey, from, to } });
  if (error !== undefined && data === undefined)
    return <span className="ml-change-words">Not available right now</span>;
  if (data === undefined) return <Skeleton height={18} width={130} radius="sm" aria-label="Loading" />;
  const comparison = compareLastDay(data.usageSeries.points, data.usageSeries.completeThrough);
  return (
    <span
      className="ml-change-words"
      title={comparisonTitle(comparison, unit, timeZone)}
      data-direction={comparison.kind === "COMPARED" ? comparison.direction : "TOO_EARLY"}
    >
      {comparisonWords(comparison)}
      <span className="ml-hidden">. {comparisonTitle(comparison, unit, timeZone)}</span>
    </span>
  );
}

/** The comparison in a few words: "▲ 12% on the usual day". */
export function comparisonWords(comparison: DayComparison): string {
  if (comparison.kind === "TOO_EARLY") return "Too early to compare";
  if (comparison.direction === "AS_USUAL") return "As usual";
  const arrow = comparison.direction === "ABOVE" ? "▲" : "▼";
  const word = comparison.direction === "ABOVE" ? "above" : "below";
  if (comparison.differencePercent === null) return `${arrow} ${word} the usual day`;
  return `${arrow} ${formatPercent(comparison.differencePercent)} ${word} usual`;
}

/** The figures behind the words: which day, how much, and what is usual. */
export function comparisonTitle(comparison: DayComparison, unit: string, timeZone: string): string {
  if (comparison.kind === "TOO_EARLY") return `Only ${comparison.fullDays} full days are known`;
  const day = formatInstant(comparison.lastDay.start, { timeZone, detail: "weekday" });
  const figures = `${formatQuantity(comparison.lastDay.quantity)} ${unit}`;
  return `${day}: ${figures}. Usual day (median of up to ${USUAL_DAYS} before it): ${formatQuantity(comparison.usualQuantity)}`;
}
