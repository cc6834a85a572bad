import { Temporal } from "temporal-polyfill";
import type { Decimal } from "../decimal.ts";
import type { EpochMs } from "../window.ts";

/** Where usage (or the bill) stood at the end of a stretch of a past period, in order of time. */
export type PastStanding = { at: EpochMs; value: Decimal };

/** When a threshold would have been crossed in a past period: at the first standing that reaches it; null for never. */
export function firstReached(standings: readonly PastStanding[], threshold: Decimal): EpochMs | null {
  return standings.find((standing) => standing.value.gte(threshold))?.at ?? null;
}

/** "On last month's usage this would have fired on the 9th and the 17th." */
export function previewWords(firedAt: readonly EpochMs[], timeZone: string, period: string): string {
  if (firedAt.length === 0) return `On the usage of ${period} this would not have fired.`;
  const days = firedAt
    .toSorted((left, right) => left - right)
    .map((at) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate())
    .map((date) => `the ${ordinalDay(date.day)}`);
  const distinct = days.filter((day, index) => days.indexOf(day) === index);
  const last = distinct.at(-1) ?? "";
  const list = distinct.length === 1 ? last : `${distinct.slice(0, -1).join(", ")} and ${last}`;
  return `On the usage of ${period} this would have fired on ${list}.`;
}

/** "1st", "2nd", "11th", "23rd". */
export function ordinalDay(day: number): string {
  if (day >= 11 && day <= 13) return `${day}th`;
  return `${day}${["th", "st", "nd", "rd"][day % 10] ?? "th"}`;
}
