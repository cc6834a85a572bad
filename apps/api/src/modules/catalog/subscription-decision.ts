import type { EpochMs } from "@meterline/billing-domain";
import type { SubscriptionRow } from "./billing-profile.ts";

/** What a decision reads of a subscription. */
export type KnownSubscription = Pick<SubscriptionRow, "id" | "startsAt" | "endsAt" | "anchorAt"> & {
  plan: { key: string };
};

/** A subscription to make; null where the caller leaves it to us. */
export type WantedSubscription = { planKey: string; startsAt: EpochMs | null; anchorAt: EpochMs | null };

/** Why it cannot be; `field` is the input at fault. */
export type SubscriptionConflict = { kind: "CONFLICT"; field: string; message: string };

/** What comes of a wish for a subscription. */
export type NewSubscriptionDecision<Known> =
  | { kind: "EXISTS"; subscription: Known }
  | { kind: "CREATE"; startsAt: EpochMs; anchorAt: EpochMs }
  | SubscriptionConflict;

/** What comes of a wish to end one. */
export type EndDecision<Known> =
  | { kind: "ENDED"; subscription: Known }
  | { kind: "END"; endsAt: EpochMs }
  | SubscriptionConflict;

const minute = 60_000;

/**
 * Both ends of a subscription and its anchor are whole minutes: Stripe reads the usage of a meter back by the minute
 * (docs/adr/0011), so only then can a billing period be held against what Stripe counted, to the last unit.
 */
export const wholeMinutes = (at: EpochMs): EpochMs => Math.floor(at / minute) * minute;

/**
 * At most one subscription at a time, half-open: one may start at the very instant at which another ends. The same plan
 * and start again is the same subscription; without a start, so is the one that runs now on that plan.
 */
export function decideNewSubscription<Known extends KnownSubscription>(
  known: readonly Known[],
  wanted: WantedSubscription,
  now: EpochMs,
): NewSubscriptionDecision<Known> {
  const startsAt = wholeMinutes(wanted.startsAt ?? now);
  const anchorAt = wanted.anchorAt === null ? null : wholeMinutes(wanted.anchorAt);
  const same = known.find(
    (one) =>
      one.plan.key === wanted.planKey && (one.startsAt === startsAt || (wanted.startsAt === null && holds(one, now))),
  );
  if (same !== undefined) {
    if (anchorAt === null || anchorAt === same.anchorAt) return { kind: "EXISTS", subscription: same };
    const message = `The subscription ${same.id} to this plan starts then already, with the anchor ${iso(same.anchorAt)}.`;
    return { kind: "CONFLICT", field: "anchorAt", message };
  }
  const inTheWay = known.find((one) => one.endsAt === null || one.endsAt > startsAt);
  if (inTheWay === undefined) return { kind: "CREATE", startsAt, anchorAt: anchorAt ?? startsAt };
  const until = inTheWay.endsAt === null ? "has no end" : `ends at ${iso(inTheWay.endsAt)}`;
  return {
    kind: "CONFLICT",
    field: "startsAt",
    message:
      `The customer is on the plan "${inTheWay.plan.key}" from ${iso(inTheWay.startsAt)}; that subscription ` +
      `(${inTheWay.id}) ${until}. End it with endSubscription at ${iso(startsAt)} or before, or start later.`,
  };
}

/**
 * An end may be set, and moved while it lies ahead; it stays after the start and at or before the next subscription, and
 * cuts no period that is frozen.
 */
export function decideEnd<Known extends KnownSubscription>(
  known: readonly Known[],
  ending: Known,
  wanted: { endsAt: EpochMs; frozenUntil: EpochMs | null },
  now: EpochMs,
): EndDecision<Known> {
  const endsAt = wholeMinutes(wanted.endsAt);
  if (ending.endsAt === endsAt) return { kind: "ENDED", subscription: ending };
  const refuse = (message: string): SubscriptionConflict => ({ kind: "CONFLICT", field: "endsAt", message });
  if (ending.endsAt !== null && ending.endsAt <= now)
    return refuse(`The subscription ended at ${iso(ending.endsAt)} already; an end in the past stays.`);
  if (endsAt <= ending.startsAt)
    return refuse(`endsAt must be after the start of the subscription, ${iso(ending.startsAt)}.`);
  if (wanted.frozenUntil !== null && endsAt < wanted.frozenUntil)
    return refuse(
      `The customer is billed until ${iso(wanted.frozenUntil)} already; end the subscription then or later.`,
    );
  const next = known.find((one) => one.startsAt > ending.startsAt && one.startsAt < endsAt);
  if (next !== undefined)
    return refuse(`The next subscription starts at ${iso(next.startsAt)}; end this one then or before.`);
  return { kind: "END", endsAt };
}

/** An end that lies ahead may be taken back, while nothing comes after it. */
export function decideResumption<Known extends KnownSubscription>(
  known: readonly Known[],
  resumed: Known,
  now: EpochMs,
): { kind: "RESUME" } | { kind: "RUNNING" } | SubscriptionConflict {
  if (resumed.endsAt === null) return { kind: "RUNNING" };
  const refuse = (message: string): SubscriptionConflict => ({ kind: "CONFLICT", field: "subscriptionId", message });
  if (resumed.endsAt <= now) return refuse(`The subscription ended at ${iso(resumed.endsAt)} already.`);
  const next = known.find((one) => one.startsAt > resumed.startsAt);
  if (next !== undefined) return refuse(`Another subscription starts at ${iso(next.startsAt)}.`);
  return { kind: "RESUME" };
}

function holds(one: KnownSubscription, at: EpochMs): boolean {
  return one.startsAt <= at && (one.endsAt === null || at < one.endsAt);
}

const iso = (at: EpochMs): string => new Date(at).toISOString();
