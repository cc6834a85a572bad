import { type CivilDate, dateOfDays, daysInMonth, daysOfDate } from "./civil-date.ts";
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
  const anchor = dateOfDays(Math.floor(cycle.anchorAt / DAY_MS));
  const timeOfDayMs = cycle.anchorAt - Math.floor(cycle.anchorAt / DAY_MS) * DAY_MS;
  const day = dateOfDays(Math.floor(at / DAY_MS));
  const monthsApart = (day.year - anchor.year) * 12 + day.month - anchor.month;
  // A boundary lies in the month it is counted to, so the month alone finds the period or the one after it.
  const index = Math.floor(monthsApart / step);
  const startAt = monthsAfter(anchor, index * step) + timeOfDayMs;
  if (at < startAt) return { startAt: monthsAfter(anchor, (index - 1) * step) + timeOfDayMs, endAt: startAt };
  return { startAt, endAt: monthsAfter(anchor, (index + 1) * step) + timeOfDayMs };
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
 * Midnight UTC of the anchor's day, moved by whole months. The day is clamped to the month's last, always from the
 * anchor's own day, so that it returns: 31 January, 28 February, 31 March.
 */
function monthsAfter(anchor: CivilDate, months: number): EpochMs {
  const monthCount = anchor.year * 12 + anchor.month - 1 + months;
  const year = Math.floor(monthCount / 12);
  const month = monthCount - year * 12 + 1;
  return daysOfDate({ year, month, day: Math.min(anchor.day, daysInMonth(year, month)) }) * DAY_MS;
}

/** Wide of any bill, and every boundary of a period stays an exact integer. */
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
