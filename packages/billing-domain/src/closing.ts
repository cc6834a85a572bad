import {
  type BillingPeriodState,
  billingPeriodState,
  type CustomerPeriod,
  customerPeriodAt,
  GRACE_MS,
  type PlanTerm,
} from "./customer-period.ts";
import type { EpochMs, Window } from "./window.ts";

/** What decides which of a customer's billing periods are closed: null where none was frozen yet. */
export type ClosingFacts<Term extends PlanTerm> = {
  subscriptions: readonly Term[];
  goLiveAt: EpochMs;
  frozenUntil: EpochMs | null;
};

/** A billing period on a plan. */
export type PlanPeriod<Term extends PlanTerm> = CustomerPeriod<Term> & { term: Term };

/**
 * The period that is frozen next: the first on a plan that is not frozen yet and ends after the go-live. Historical
 * periods, and stretches without a plan, where nothing is owed, are never frozen. Null when no plan lies ahead.
 */
export function nextPeriodToFreeze<Term extends PlanTerm>(facts: ClosingFacts<Term>): PlanPeriod<Term> | null {
  const from = Math.max(facts.goLiveAt, facts.frozenUntil ?? facts.goLiveAt);
  const inOrder = facts.subscriptions.toSorted((left, right) => left.startsAt - right.startsAt);
  for (const term of inOrder) {
    const at = Math.max(term.startsAt, from);
    if (term.endsAt !== null && at >= term.endsAt) continue;
    return { ...customerPeriodAt(facts.subscriptions, at), term };
  }
  return null;
}

/** When a period may be frozen: once its grace is over, in which late usage still joins it. */
export function freezableAt(window: Window): EpochMs {
  return window.endAt + GRACE_MS;
}

/**
 * Where a period stands. One that is closed by freezing is CLOSED only when that is done, however long it takes; a
 * historical one, and a stretch without a plan, only by time.
 */
export function closingState<Term extends PlanTerm>(
  period: CustomerPeriod<Term>,
  facts: ClosingFacts<Term>,
  now: EpochMs,
): BillingPeriodState {
  const { window, term } = period;
  const isFrozen = facts.frozenUntil !== null && window.endAt <= facts.frozenUntil;
  if (term === null || window.endAt <= facts.goLiveAt || isFrozen) return billingPeriodState(window, now);
  return now < window.endAt ? "OPEN" : "CLOSING";
}
