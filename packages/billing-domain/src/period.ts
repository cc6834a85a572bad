import { DAY_MS, type EpochMs, type Window } from "./window.ts";

export type { EpochMs, Window } from "./window.ts";

/** The unit of a billing cycle. A quarter is three months, a year twelve. */
export type BillingInterval = "DAY" | "WEEK" | "MONTH" | "QUARTER" | "YEAR";

/**
 * A billing cycle as Stripe keeps it (https://docs.stripe.com/billing/subscriptions/billing-cycle): the exact instant
 * that periods are counted from, in UTC, and the length of one. The anchor is not a local midnight and never moves.
 */
export type BillingCycle = {
  readonly anchorAt: EpochMs;
  readonly interval: BillingInterval;
  /** Intervals in a period, a whole number of at least 1. */
  readonly intervalCount: number;
};

/** Every interval, shortest first. */
export const BILLING_INTERVALS: readonly BillingInterval[] = ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];

/** Days or months of one interval; exactly one of the two is not zero. */
const LENGTHS: Readonly<Record<BillingInterval, { days: number; months: number }>> = {
  DAY: { days: 1, months: 0 },
  WEEK: { days: 7, months: 0 },
  MONTH: { days: 0, months: 1 },
  QUARTER: { days: 0, months: 3 },
  YEAR: { days: 0, months: 12 },
};

/**
 * The period that contains the instant, which may lie before the anchor. Periods of a cycle tile time: every instant is
 * in exactly one. Integer arithmetic only, because it runs for every usage event.
 * @throws RangeError when the instant, the anchor or the count is not a whole number in range.
 */
export function billingPeriodAt(cycle: BillingCycle, at: EpochMs): Window {
  checkCycle(cycle, at);
  const { days, months } = LENGTHS[cycle.interval];
  if (months === 0) {
    const lengthMs = days * cycle.intervalCount * DAY_MS;
    const startAt = cycle.anchorAt + Math.floor((at - cycle.anchorAt) / lengthMs) * lengthMs;
    return { startAt, endAt: startAt + lengthMs };
  }
  const step = months * cycle.intervalCount;
  const anchor = new Date(cycle.anchorAt);
  const day = new Date(at);
  const monthsApart = (day.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + day.getUTCMonth() - anchor.getUTCMonth();
  // A boundary lies in the month it is counted to, so the month alone finds the period or the one after it.
  const index = Math.floor(monthsApart / step);
  const startAt = monthsAfter(anchor, index * step);
  if (at < startAt) return { startAt: monthsAfter(anchor, (index - 1) * step), endAt: startAt };
  return { startAt, endAt: monthsAfter(anchor, (index + 1) * step) };
}

/** The period of the cycle that begins where `period` ends (the one that holds its end, if it is no period of the cycle). */
export function billingPeriodFollowing(cycle: BillingCycle, period: Window): Window {
  return billingPeriodAt(cycle, period.endAt);
}

/** The period of the cycle that ends where `period` begins (the one before its start, if it is no period of the cycle). */
export function billingPeriodPreceding(cycle: BillingCycle, period: Window): Window {
  return billingPeriodAt(cycle, period.startAt - 1);
}

/** The calendar month in UTC that contains the instant: the period of usage without a subscription. */
export function calendarMonthAt(at: EpochMs): Window {
  return billingPeriodAt({ anchorAt: 0, interval: "MONTH", intervalCount: 1 }, at);
}

/**
 * The anchor moved by whole months. The day is clamped to the month's last, always from the anchor's own day, so that
 * it returns: 31 January, 28 February, 31 March.
 */
function monthsAfter(anchor: Date, months: number): EpochMs {
  const year = anchor.getUTCFullYear();
  const month = anchor.getUTCMonth() + months;
  // Day 0 of the month after is the last day of this one.
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const timeOfDayMs = anchor.getTime() - Date.UTC(year, anchor.getUTCMonth(), anchor.getUTCDate());
  return Date.UTC(year, month, Math.min(anchor.getUTCDate(), lastDay)) + timeOfDayMs;
}

/** Years 1000 to 9999: wide of any bill, and clear of the years that `Date.UTC` reads as 19xx. */
const FIRST_AT = Date.UTC(1000, 0);
const LAST_AT = Date.UTC(9999, 0);
/** Ten years of days: bounds the arithmetic above; Stripe allows three years. */
const MAX_INTERVAL_COUNT = 3_660;

function checkCycle(cycle: BillingCycle, at: EpochMs): void {
  if (!Number.isInteger(at) || at < FIRST_AT || at > LAST_AT) {
    throw new RangeError(`${at} is not an instant in whole milliseconds between the years 1000 and 9999.`);
  }
  if (!Number.isInteger(cycle.anchorAt) || cycle.anchorAt < FIRST_AT || cycle.anchorAt > LAST_AT) {
    throw new RangeError(`The anchor ${cycle.anchorAt} is not an instant in whole milliseconds.`);
  }
  const { intervalCount } = cycle;
  if (!Number.isInteger(intervalCount) || intervalCount < 1 || intervalCount > MAX_INTERVAL_COUNT) {
    throw new RangeError(`intervalCount ${intervalCount} is not a whole number from 1 to ${MAX_INTERVAL_COUNT}.`);
  }
}
