import { useQuery } from "@apollo/client/react";
import { Skeleton } from "@mantine/core";
import { useState } from "react";
import { useBillingLocale } from "../formats/figures.tsx";
import { formatPercent, formatQuantity } from "../formats/quantity.ts";
import { measuredUnit } from "../formats/unit.ts";
import { formatInstant } from "../formats/instant.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import { compareLastDay, type DayComparison, USUAL_WEEKS } from "./usual-day.ts";

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

/** Days asked for: the weeks that "usual" is taken from, the last full day, and a part day at either end. */
const ASKED_MS = (USUAL_WEEKS * 7 + 3) * 24 * HOUR_MS;

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
      {lines.length === 0 ? null : <p className="ml-tile-note">Last full day, against the same weekday before</p>}
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

/** The comparison in a few words: "▲ 12% above usual". */
export function comparisonWords(comparison: DayComparison): string {
  if (comparison.kind === "TOO_EARLY") return "Too early to compare";
  const { direction, differencePercent } = comparison;
  const beside = comparison.weeks === 1 ? "a week before" : "usual";
  if (direction === "AS_USUAL") return comparison.weeks === 1 ? "As a week before" : "As usual";
  const [arrow, word] = direction === "ABOVE" ? ["▲", "above"] : ["▼", "below"];
  return differencePercent === null
    ? `${arrow} ${word} ${beside}`
    : `${arrow} ${formatPercent(differencePercent)} ${word} ${beside}`;
}

/** The figures behind the words: which day, how much, and what it is compared with. */
export function comparisonTitle(comparison: DayComparison, unit: string, timeZone: string): string {
  if (comparison.kind === "TOO_EARLY") return "There is no full day a week before the last one";
  const { lastDay, usualQuantity, weeks } = comparison;
  const day = formatInstant(lastDay.start, { timeZone, detail: "weekday" });
  const beside = weeks === 1 ? "The same day a week before" : `Median of the same weekday in the ${weeks} weeks before`;
  return `${day}: ${formatQuantity(lastDay.quantity)} ${unit}. ${beside}: ${formatQuantity(usualQuantity)}`;
}
