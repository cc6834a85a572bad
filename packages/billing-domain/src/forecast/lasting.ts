import type { Decimal } from "../decimal.ts";
import { localWindows } from "../local-window.ts";
import type { Aggregation } from "../meter.ts";
import type { EpochMs, Window } from "../window.ts";
import type { EstimateBand } from "./error-band.ts";
import { toEstimate } from "./estimate.ts";

/*
 * The aggregations whose days do not add up: the highest value, the last value, the number of distinct things.
 * Everything here is estimates; see estimate.ts.
 */

type LastingInput = {
  aggregation: Aggregation;
  period: Window;
  now: EpochMs;
  timeZone: string;
  used: Decimal;
  days: readonly { quantity: Decimal | null }[];
};

/** Days of history that count: what was the peak a quarter of a year ago says little. */
const MEMORY_DAYS = 56;
/** How the number of distinct things grows with time: new ones get rarer. Low, expected, high exponent. */
const DISTINCT_GROWTH = { low: 0, expected: 0.5, high: 0.9 };

/** MAX and LATEST: the value itself at the end of each day. UNIQUE_COUNT: what is added to the count so far. */
export function lastingPath(input: LastingInput): (EstimateBand & { at: EpochMs })[] {
  const { period, now, timeZone } = input;
  const ends = localWindows({ from: now, to: period.endAt, grain: "DAY", timeZone }).map((window) => window.endAt);
  const used = toEstimate(input.used);
  const known = input.days
    .slice(-MEMORY_DAYS)
    .flatMap(({ quantity }) => (quantity === null ? [] : [toEstimate(quantity)]));
  return ends.map((at, index) => {
    switch (input.aggregation) {
      case "MAX":
        return { at, ...highestBand(used, known, index + 1) };
      case "LATEST":
        return { at, ...latestBand(used, known, index + 1) };
      default:
        return { at, ...distinctBand(used, input, at) };
    }
  });
}

/** The highest of `days` further days, each as likely to be any of the known ones. */
function highestBand(used: number, known: readonly number[], days: number): EstimateBand {
  const sorted = known.toSorted((left, right) => left - right);
  const at = (probability: number) => Math.max(used, quantileOf(sorted, probability ** (1 / days)) ?? used);
  return { low: at(0.1), expected: at(0.5), high: at(0.9) };
}

/** The value stays, give or take what it moved over as many days before. */
function latestBand(used: number, known: readonly number[], days: number): EstimateBand {
  const moves: number[] = [];
  for (let index = days; index < known.length; index += 1) {
    moves.push((known[index] ?? 0) - (known[index - days] ?? 0));
  }
  const sorted = moves.toSorted((left, right) => left - right);
  const low = used + Math.min(0, quantileOf(sorted, 0.1) ?? 0);
  const high = used + Math.max(0, quantileOf(sorted, 0.9) ?? 0);
  return { low: Math.max(0, low), expected: used, high };
}

/** Distinct things seen so far, grown by the root of time: most of a month's users are seen in its first half. */
function distinctBand(used: number, { period, now }: LastingInput, at: EpochMs): EstimateBand {
  const times = (at - period.startAt) / Math.max(1, now - period.startAt);
  const more = (exponent: number) => used * (times ** exponent - 1);
  return {
    low: more(DISTINCT_GROWTH.low),
    expected: more(DISTINCT_GROWTH.expected),
    high: more(DISTINCT_GROWTH.high),
  };
}

/** The value below which a part of the sorted values lies; null of none. */
function quantileOf(sorted: readonly number[], part: number): number | null {
  if (sorted.length === 0) return null;
  const place = Math.min(sorted.length - 1, Math.max(0, part * sorted.length - 0.5));
  const lower = sorted[Math.floor(place)] ?? 0;
  const upper = sorted[Math.ceil(place)] ?? lower;
  return lower + (upper - lower) * (place - Math.floor(place));
}
