import { type Decimal, decimal } from "./decimal.ts";

/** An instant: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted. */
export type EpochMs = number;

/** A stretch of time: `startAt` inclusive, `endAt` exclusive. */
export type Window = { readonly startAt: EpochMs; readonly endAt: EpochMs };

/** Milliseconds of a UTC day. */
export const DAY_MS = 86_400_000;

/** Length of a rollup window. Every time zone's days begin on a quarter of an hour, so any local day is whole windows. */
export const ROLLUP_WINDOW_MS = 900_000;

/** Start of the rollup window that holds the instant, before 1970 too. */
export function rollupWindowStart(at: EpochMs): EpochMs {
  return Math.floor(at / ROLLUP_WINDOW_MS) * ROLLUP_WINDOW_MS;
}

/** Whether the instant lies in the window: its start does, its end does not. */
export function windowContains(window: Window, at: EpochMs): boolean {
  return at >= window.startAt && at < window.endAt;
}

/** What two windows have in common, or null when they do not overlap. Windows that only touch do not. */
export function intersectWindows(left: Window, right: Window): Window | null {
  const startAt = Math.max(left.startAt, right.startAt);
  const endAt = Math.min(left.endAt, right.endAt);
  return startAt < endAt ? { startAt, endAt } : null;
}

/**
 * The part of `whole` that `part` covers, 0 to 1, for proration. Counted in whole seconds, as Stripe does
 * (https://docs.stripe.com/billing/subscriptions/prorations): milliseconds are cut off both windows' bounds first.
 * @throws RangeError when `whole` is shorter than a second.
 */
export function shareOfWindow(part: Window, whole: Window): Decimal {
  const wholeSeconds = secondsOf(whole);
  if (wholeSeconds <= 0) throw new RangeError("A share needs a whole window of at least one second.");
  const shared = intersectWindows(part, whole);
  return decimal(BigInt(shared === null ? 0 : secondsOf(shared))).div(decimal(BigInt(wholeSeconds)));
}

function secondsOf(window: Window): number {
  return Math.floor(window.endAt / 1000) - Math.floor(window.startAt / 1000);
}
