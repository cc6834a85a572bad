import { compareQuantities, percentOf } from "../formats/quantity.ts";
import { type SeriesPoint, windowStanding } from "./series-view.ts";

/** Days that a "usual day" is taken from: an odd number, so that the median is one of them and nothing is averaged. */
export const USUAL_DAYS = 13;

/** Fewer full days than this say nothing about what is usual. */
const LEAST_DAYS = 5;

/** Differences of less than this many per cent are "about as usual". */
const NOTICEABLE_PERCENT = 5;

/** The last full day beside the usual one, or that it is too early to tell. Quantities are exact text. */
export type DayComparison =
  | { readonly kind: "TOO_EARLY"; readonly fullDays: number }
  | {
      readonly kind: "COMPARED";
      readonly lastDay: SeriesPoint & { readonly quantity: string };
      readonly usualQuantity: string;
      readonly direction: "ABOVE" | "BELOW" | "AS_USUAL";
      /** Difference in whole per cent of the usual day, rounded down; null when the usual day is zero. */
      readonly differencePercent: number | null;
    };

/**
 * Compares the last day that is over with the median of up to `USUAL_DAYS` days before it. Today is left out on purpose:
 * a part of a day is always less than a whole one. The first point is dropped because a range may begin inside a day.
 */
export function compareLastDay(points: readonly SeriesPoint[], completeThrough: string): DayComparison {
  const full = points
    .slice(1)
    .filter((point) => windowStanding(point, completeThrough) === "FULL")
    .filter((point): point is SeriesPoint & { quantity: string } => point.quantity !== null);
  const lastDay = full.at(-1);
  const before = full.slice(0, -1).slice(-USUAL_DAYS);
  if (lastDay === undefined || before.length < LEAST_DAYS) return { kind: "TOO_EARLY", fullDays: full.length };
  const usualQuantity = median(before.map((point) => point.quantity));
  const order = compareQuantities(lastDay.quantity, usualQuantity);
  const share = compareQuantities(usualQuantity, "0") <= 0 ? null : percentOf(lastDay.quantity, usualQuantity) - 100;
  const differencePercent = share === null ? null : Math.abs(share);
  const same = order === 0 || (differencePercent !== null && differencePercent < NOTICEABLE_PERCENT);
  return {
    kind: "COMPARED",
    lastDay,
    usualQuantity,
    differencePercent,
    direction: same ? "AS_USUAL" : order > 0 ? "ABOVE" : "BELOW",
  };
}

/** The middle one by size; of an even number, the lower of the two in the middle. */
function median(quantities: readonly string[]): string {
  const sorted = [...quantities].sort(compareQuantities);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? "0";
}
