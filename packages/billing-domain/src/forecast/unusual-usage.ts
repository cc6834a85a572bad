import type { Decimal } from "../decimal.ts";
import type { EpochMs } from "../window.ts";
import { medianOf } from "./daily-model.ts";
import { fromEstimate, toEstimate } from "./estimate.ts";

/*
 * Usage far from what is usual for the customer at that hour. "Usual" is robust: medians over the same hour of earlier
 * days, so that an earlier spike does not make the next one usual. Everything here is estimates; see estimate.ts. The
 * constants were set on the labelled anomalies of cloudwatch-anomalies.
 */

/** Usage of whole hours in order, without gaps, the last one complete. `endAt` is its end. */
export type HourlyUsage = { quantities: readonly Decimal[]; endAt: EpochMs };

/** What was seen, what is usual for those hours, and since when. */
export type UnusualUsage = { kind: "SPIKE" | "DROP"; value: Decimal; usual: Decimal; startAt: EpochMs; endAt: EpochMs };

const HOUR_MS = 3_600_000;
/** Hours of history without which nothing is usual yet. */
export const LEAST_USUAL_HOURS = 3 * 24;
/** Hours of history that are looked at, at most. */
export const MOST_USUAL_HOURS = 35 * 24;
/** With so much of it, an hour is compared with the same hour of the same weekday. */
const WEEKLY_HOURS = 22 * 24;
const MOST_DAYS_BACK = 14;
/** Spreads above the usual, times the usual, and above nearly everything there was: all three make a spike. */
const SPIKE_SPREADS = 5;
const SPIKE_TIMES = 1.5;
const SPIKE_OVER_TOP = 1.15;
const TOP_PART = 0.99;
/** A drop is judged over several hours, since one quiet hour is none. */
const DROP_HOURS = 3;
const DROP_SHARE = 0.4;
const DROP_SPREADS = 4;
const DROP_UNDER_LEAST = 0.8;
/** The least spread of an hour, as a part of the usual. */
const LEAST_SPREAD = 0.1;
/** From median absolute deviation to standard deviation. */
const DEVIATION = 1.4826;

/** Whether the last hour is a spike, or the last hours are a drop; null when they are as usual or too little is known. */
export function unusualUsage(hourly: HourlyUsage): UnusualUsage | null {
  const all = hourly.quantities.slice(-MOST_USUAL_HOURS).map(toEstimate);
  // Hours before a customer's first use say nothing about what is usual for it.
  const values = all.slice(all.findIndex((value) => value !== 0));
  if (values.length < LEAST_USUAL_HOURS + DROP_HOURS) return null;
  return spikeOf(values, hourly) ?? dropOf(values, hourly);
}

function spikeOf(values: readonly number[], { quantities, endAt }: HourlyUsage): UnusualUsage | null {
  const last = values.length - 1;
  const value = values[last] ?? 0;
  const { usual, spread } = usualAt(values, last);
  const top = quantileOf(values.slice(0, last), TOP_PART);
  if (value < usual + SPIKE_SPREADS * spread || value < SPIKE_TIMES * usual || value < SPIKE_OVER_TOP * top)
    return null;
  return {
    kind: "SPIKE",
    value: quantities.at(-1) ?? fromEstimate(value, false),
    usual: fromEstimate(usual, true),
    startAt: endAt - HOUR_MS,
    endAt,
  };
}

function dropOf(values: readonly number[], { quantities, endAt }: HourlyUsage): UnusualUsage | null {
  const from = values.length - DROP_HOURS;
  const sumFrom = (index: number) => sumOf(values.slice(index, index + DROP_HOURS));
  const value = sumFrom(from);
  let usual = 0;
  let variance = 0;
  for (let index = from; index < values.length; index += 1) {
    const hour = usualAt(values, index, from);
    usual += hour.usual;
    variance += hour.spread * hour.spread;
  }
  // The same hours of earlier days, each as a whole: where one of them was as quiet, quiet is usual.
  const earlier = sameHours(from, from).map(sumFrom);
  const least = Math.min(...earlier);
  if (usual <= 0 || value > DROP_SHARE * usual || value > DROP_UNDER_LEAST * least) return null;
  if (usual - value < DROP_SPREADS * Math.sqrt(variance)) return null;
  return {
    kind: "DROP",
    value: quantities.slice(-DROP_HOURS).reduce((sum, quantity) => sum.plus(quantity)),
    usual: fromEstimate(usual, true),
    startAt: endAt - DROP_HOURS * HOUR_MS,
    endAt,
  };
}

/** What is usual for an hour and how much it varies, by the same hour of earlier days and its neighbours. */
function usualAt(values: readonly number[], index: number, before = index): { usual: number; spread: number } {
  const samples = sameHours(index, before).flatMap((past) =>
    [past - 1, past, past + 1].flatMap((one) => (one >= 0 && one < before ? [values[one] ?? 0] : [])),
  );
  const usual = medianOf(samples);
  const deviation = DEVIATION * medianOf(samples.map((sample) => Math.abs(sample - usual)));
  return { usual, spread: Math.max(deviation, LEAST_SPREAD * usual, Number.MIN_VALUE) };
}

/** The same hour of the same weekday where weeks are known, else of earlier days. */
function sameHours(index: number, before: number): number[] {
  const step = before >= WEEKLY_HOURS ? 7 * 24 : 24;
  const hours: number[] = [];
  for (let past = index - step; past >= 0 && hours.length < MOST_DAYS_BACK; past -= step) {
    if (past < before) hours.push(past);
  }
  return hours;
}

function quantileOf(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
