import { type BillingCycle, billingPeriodAt, calendarMonthAt } from "./period.ts";
import type { EpochMs, Window } from "./window.ts";

/** A stretch of time that a customer spends on one plan: `startsAt` inclusive, `endsAt` exclusive, null while it runs. */
export type PlanTerm = { startsAt: EpochMs; endsAt: EpochMs | null; cycle: BillingCycle };

/** The billing period of a customer at an instant. */
export type CustomerPeriod<Term extends PlanTerm> = {
  /** What is billed together: the full period, cut where the term starts or ends. */
  window: Window;
  /** The uncut period of the cycle; `window` is shorter only in a first or last period. */
  full: Window;
  /** The term that the instant falls into, or null between terms: the period is then the calendar month in UTC. */
  term: Term | null;
};

/**
 * Finds the billing period that contains `at`. Terms must not overlap; their order does not matter. Periods of one
 * customer tile time: they never overlap and leave no gap, whatever the terms are.
 */
export function customerPeriodAt<Term extends PlanTerm>(terms: readonly Term[], at: EpochMs): CustomerPeriod<Term> {
  for (const term of terms) {
    if (at < term.startsAt || (term.endsAt !== null && at >= term.endsAt)) continue;
    const full = billingPeriodAt(term.cycle, at);
    const startAt = Math.max(full.startAt, term.startsAt);
    const endAt = term.endsAt === null ? full.endAt : Math.min(full.endAt, term.endsAt);
    return { window: { startAt, endAt }, full, term };
  }
  const full = calendarMonthAt(at);
  let { startAt, endAt } = full;
  for (const term of terms) {
    if (term.endsAt !== null && term.endsAt <= at) startAt = Math.max(startAt, term.endsAt);
    if (term.startsAt > at) endAt = Math.min(endAt, term.startsAt);
  }
  return { window: { startAt, endAt }, full, term: null };
}

/** Every billing period of a customer that touches [from, to), in order. At most `limit`; RangeError past it. */
export function customerPeriodsBetween<Term extends PlanTerm>(
  terms: readonly Term[],
  from: EpochMs,
  to: EpochMs,
  limit = 2_000,
): CustomerPeriod<Term>[] {
  const periods: CustomerPeriod<Term>[] = [];
  for (let at = from; at < to; ) {
    if (periods.length === limit) throw new RangeError(`more than ${limit} billing periods between the two instants`);
    const period = customerPeriodAt(terms, at);
    periods.push(period);
    at = period.window.endAt;
  }
  return periods;
}

/** Where a billing period stands: OPEN until its end, CLOSING for the grace hour after it, then CLOSED. */
export type BillingPeriodState = "OPEN" | "CLOSING" | "CLOSED";

/**
 * How long late usage of an ended period still joins its invoice: Stripe keeps the draft open for about an hour
 * (docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period).
 */
export const GRACE_MS = 3_600_000;

/** The state of a period at `now`. */
export function billingPeriodState(window: Window, now: EpochMs): BillingPeriodState {
  if (now < window.endAt) return "OPEN";
  return now < window.endAt + GRACE_MS ? "CLOSING" : "CLOSED";
}
