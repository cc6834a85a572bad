import { Temporal } from "temporal-polyfill";
import type { EpochMs } from "../window.ts";

/*
 * What part of a day's usage falls into which hour on the wall. Everything here is estimates; see estimate.ts.
 */

/** Usage of one local hour. */
export type HourUsage = { startAt: EpochMs; value: number };

/** By how much of a day, spread evenly, the shape is drawn towards a flat one. */
const FLAT_SHARE = 0.1;

/** The part of a day in each hour 0 to 23; the parts sum to 1. */
export function dayShape(hours: readonly HourUsage[], timeZone: string): number[] {
  const sums = Array.from({ length: 24 }, () => 0);
  let total = 0;
  for (const { startAt, value } of hours) {
    const hour = zoned(startAt, timeZone).hour;
    const counted = Math.max(0, value);
    sums[hour] = (sums[hour] ?? 0) + counted;
    total += counted;
  }
  if (total <= 0) return sums.map(() => 1 / 24);
  return sums.map((sum) => (1 - FLAT_SHARE) * (sum / total) + FLAT_SHARE / 24);
}

/** The part of its local day that has passed at an instant, by the shape. */
export function shareOfDayPassed(at: EpochMs, timeZone: string, shape: readonly number[]): number {
  const { hour, minute, second } = zoned(at, timeZone);
  let share = 0;
  for (let passed = 0; passed < hour; passed += 1) share += shape[passed] ?? 0;
  return Math.min(1, share + (shape[hour] ?? 0) * ((minute * 60 + second) / 3_600));
}

/** The local weekday, 1 (Monday) to 7, less one. */
export function weekdayOf(at: EpochMs, timeZone: string): number {
  return zoned(at, timeZone).dayOfWeek - 1;
}

function zoned(at: EpochMs, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
}
