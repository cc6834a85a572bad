import { type BillingCycle, billingPeriodAt } from "./period.ts";
import { DAY_MS, type EpochMs } from "./window.ts";

/** A subscription of ours: half-open, `endsAt` null while it has no end. */
export type OwnSubscription = { id: string; startsAt: EpochMs; endsAt: EpochMs | null; cycle: BillingCycle };

/** What bills it at Stripe: `cancelAt` is the end that is set there, `endedAt` the one that has come. */
export type BilledSubscription = {
  planSubscriptionId: string;
  stripeSubscriptionId: string;
  cancelAt: EpochMs | null;
  endedAt: EpochMs | null;
};

/** What has to be done at Stripe so that it bills what we do. */
export type SubscriptionStep =
  /** Begin one whose first billed period begins at `startAt`. */
  | { step: "CREATE"; planSubscriptionId: string; startAt: EpochMs }
  /** End it with its running period. */
  | { step: "CANCEL"; planSubscriptionId: string; stripeSubscriptionId: string }
  /** Take its end back. */
  | { step: "KEEP"; planSubscriptionId: string; stripeSubscriptionId: string }
  /** It ended here and runs on there: a person has to look at what it billed meanwhile. */
  | { step: "STOP"; planSubscriptionId: string; stripeSubscriptionId: string }
  /** Stripe cannot be made to bill it. */
  | { step: "REFUSE"; planSubscriptionId: string; reason: string };

/** The steps of now, and the instant at which there is more to do, if any. */
export type SubscriptionSteps = { steps: SubscriptionStep[]; againAt: EpochMs | null };

const minuteMs = 60_000;

/** Usage older than 35 days cannot be told to Stripe; a period that began before this is billed from the next on. */
const mostBackdatedMs = 34 * DAY_MS;

/**
 * Compares our subscriptions with those at Stripe. Whole billing periods only: Stripe begins with the first one that
 * starts at or after the go-live, and an end is set in the last period, where Stripe's "at the end of the period" means it.
 */
export function planSubscriptionSteps(
  own: readonly OwnSubscription[],
  billed: readonly BilledSubscription[],
  at: { goLiveAt: EpochMs; now: EpochMs },
): SubscriptionSteps {
  const steps: SubscriptionStep[] = [];
  const later: EpochMs[] = [];
  for (const one of own) {
    const link = billed.find((candidate) => candidate.planSubscriptionId === one.id);
    const planned = link === undefined ? stepToBegin(one, at) : stepToEnd(one, link, at.now);
    if (planned === null) continue;
    if (typeof planned === "number") later.push(planned);
    else steps.push(planned);
  }
  return { steps, againAt: later.length === 0 ? null : Math.min(...later) };
}

/** Whether an instant is where a billing period of the cycle ends: the only instants at which Stripe ends exactly. */
export function endsPeriod(cycle: BillingCycle, at: EpochMs): boolean {
  return billingPeriodAt(cycle, at).startAt === at;
}

/** A step, the instant at which to look again, or null when there is nothing to do ever. */
type Planned = SubscriptionStep | EpochMs | null;

function stepToBegin(one: OwnSubscription, { goLiveAt, now }: { goLiveAt: EpochMs; now: EpochMs }): Planned {
  if (one.endsAt !== null && one.endsAt <= now) return null;
  if (one.startsAt > now) return one.startsAt;
  if (one.startsAt % minuteMs !== 0 || one.cycle.anchorAt % minuteMs !== 0) {
    const reason =
      "the subscription does not begin on a whole minute, so Stripe's usage cannot be held against ours; end it at a " +
      "whole minute, and start it anew";
    return { step: "REFUSE", planSubscriptionId: one.id, reason };
  }
  const running = billingPeriodAt(one.cycle, now);
  const startAt = Math.max(running.startAt, one.startsAt);
  if (startAt >= goLiveAt && startAt >= now - mostBackdatedMs)
    return { step: "CREATE", planSubscriptionId: one.id, startAt };
  const isLast = one.endsAt !== null && one.endsAt <= running.endAt;
  return isLast ? null : running.endAt;
}

function stepToEnd(one: OwnSubscription, link: BilledSubscription, now: EpochMs): Planned {
  if (link.endedAt !== null) return null;
  const named = { planSubscriptionId: one.id, stripeSubscriptionId: link.stripeSubscriptionId };
  if (one.endsAt === null) return link.cancelAt === null ? null : { step: "KEEP", ...named };
  // Stripe says by a webhook when it is over.
  if (link.cancelAt === one.endsAt) return null;
  if (one.endsAt <= now) return { step: "STOP", ...named };
  const last = billingPeriodAt(one.cycle, one.endsAt - 1);
  if (last.endAt !== one.endsAt) {
    const reason = "it ends in the middle of a billing period, where Stripe would bill another part of it than we do";
    return { step: "REFUSE", planSubscriptionId: one.id, reason };
  }
  return now >= last.startAt ? { step: "CANCEL", ...named } : last.startAt;
}
