import { compareQuantities, percentOf } from "../formats/quantity.ts";
import { type SeriesPoint, windowStanding } from "./series-view.ts";

const DAYS_A_WEEK = 7;

/** Weeks looked back: an odd number, so that the median is one of the days and nothing is averaged. */
export const USUAL_WEEKS = 5;

/** Differences of less than this many per cent are "as usual". */
const NOTICEABLE_PERCENT = 5;

/** A day that is over, with what was measured on it. */
export type MeasuredDay = SeriesPoint & { readonly quantity: string };

/** The last full day beside the usual one, or that it is too early to tell. Quantities are exact text. */
export type DayComparison =
  | { readonly kind: "TOO_EARLY" }
  | {
      readonly kind: "COMPARED";
      readonly lastDay: MeasuredDay;
      readonly usualQuantity: string;
      /** How many earlier weeks "usual" is taken from: 1, 3 or 5. */
      readonly weeks: number;
      readonly direction: "ABOVE" | "BELOW" | "AS_USUAL";
      /** Difference in whole per cent of the usual day, rounded down; null when the usual day is zero. */
      readonly differencePercent: number | null;
    };

/**
 * Compares the last day that is over with the same weekday in the weeks before it: a Sunday is no fall from a Saturday.
 * Today is left out on purpose, since a part of a day is always less than a whole one, and so is the first point, because a
 * range may begin inside a day. `points` are consecutive days.
 */
export function compareLastDay(points: readonly SeriesPoint[], completeThrough: string): DayComparison {
  const full = points.slice(1).filter((point) => windowStanding(point, completeThrough) === "FULL");
  const lastDay = full.at(-1);
  if (lastDay === undefined || !isMeasured(lastDay)) return { kind: "TOO_EARLY" };
  const sameWeekday: string[] = [];
  for (let week = 1; week <= USUAL_WEEKS; week += 1) {
    const earlier = full.at(-1 - week * DAYS_A_WEEK);
    if (earlier === undefined || !isMeasured(earlier)) break;
    sameWeekday.push(earlier.quantity);
  }
  const recorded = sameWeekday.slice(0, oddCount(sameWeekday.length));
  const usualQuantity = median(recorded);
  if (usualQuantity === undefined) return { kind: "TOO_EARLY" };
  const order = compareQuantities(lastDay.quantity, usualQuantity);
  const share = compareQuantities(usualQuantity, "0") <= 0 ? null : percentOf(lastDay.quantity, usualQuantity) - 100;
  const differencePercent = share === null ? null : Math.abs(share);
  const same = order === 0 || (differencePercent !== null && differencePercent < NOTICEABLE_PERCENT);
  const direction = same ? "AS_USUAL" : order > 0 ? "ABOVE" : "BELOW";
  return { kind: "COMPARED", lastDay, usualQuantity, weeks: recorded.length, differencePercent, direction };
}

function isMeasured(point: SeriesPoint): point is MeasuredDay {
  return point.quantity !== null;
}

/** The largest odd number that is not above it; 0 for 0. */
function oddCount(count: number): number {
  return count === 0 || count % 2 === 1 ? count : count - 1;
}

/** The middle one by size of an odd number of quantities. */
function median(quantities: readonly string[]): string | undefined {
  return [...quantities].sort(compareQuantities)[Math.floor(quantities.length / 2)];
}
