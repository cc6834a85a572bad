import {
  type CustomerPeriod,
  customerPeriodAt,
  type EpochMs,
  type LimitInForce,
  limitPeriodOf,
  limitsInForce,
  limitWindowAt,
  type MeterDefinition,
  planLimitsInForce,
  type Window,
  windowContains,
} from "@meterline/billing-domain";
import type { BillingProfile, SubscriptionRow } from "../catalog/index.ts";
import { conflictId } from "../usage/index.ts";

/** A limit as it holds for something that occurs at one instant. */
export type PlacedLimit = {
  limit: LimitInForce;
  window: Window;
  /** The billing period around the instant: what a limit on money is rated over. */
  period: CustomerPeriod<SubscriptionRow>;
};

type Resolved = { hasLimits: boolean; planLimits: Map<string, readonly LimitInForce[]> };
const resolved = new WeakMap<BillingProfile, Resolved>();

function resolve(profile: BillingProfile): Resolved {
  const known = resolved.get(profile);
  if (known !== undefined) return known;
  const planLimits = new Map(
    profile.subscriptions.map((one) => [
      one.planVersionId,
      // Ids that last as long as the version does: a hash, so that whoever keeps them keeps UUIDs.
      planLimitsInForce(one.plan.limits ?? [], (index) => conflictId(one.planVersionId, `limit ${index}`)),
    ]),
  );
  const hasLimits = profile.limits.length > 0 || [...planLimits.values()].some((limits) => limits.length > 0);
  const fresh = { hasLimits, planLimits };
  resolved.set(profile, fresh);
  return fresh;
}

/** Whether a customer has any limit, of its plans or its own, now or at another time. Cheap: asked for every event. */
export function hasLimits(profile: BillingProfile): boolean {
  return resolve(profile).hasLimits;
}

/** The limits of a subscription's plan; none between plans. */
export function planLimitsOf(profile: BillingProfile, term: SubscriptionRow | null): readonly LimitInForce[] {
  return term === null ? [] : (resolve(profile).planLimits.get(term.planVersionId) ?? []);
}

/** Every limit of every plan that a customer was ever on, and of its own: whatever may count one day. */
export function everyLimitOf(profile: BillingProfile): LimitInForce[] {
  return [...[...resolve(profile).planLimits.values()].flat(), ...profile.limits];
}

/** The limits that hold at `now` for what occurs at `at`: those of the plan at that time, and the customer's own. */
export function limitsHolding(profile: BillingProfile, of: { at: EpochMs; now: EpochMs }): PlacedLimit[] {
  const period = customerPeriodAt(profile.subscriptions, of.at);
  return limitsInForce(planLimitsOf(profile, period.term), profile.limits, decidedAt(profile, of.now)).map((limit) =>
    placed(profile, limit, { at: of.at, period }),
  );
}

/**
 * The instant at which limits are looked at: `now`, but not before the last of them was saved. Usage that was received
 * before a limit and is decided after it is under it; else it would be under neither the old one nor the new.
 */
function decidedAt(profile: BillingProfile, now: EpochMs): EpochMs {
  return profile.limits.reduce((latest, limit) => Math.max(latest, limit.startsAt), now);
}

/** The same limit around another instant. */
export function placed(
  profile: BillingProfile,
  limit: LimitInForce,
  of: { at: EpochMs; period: CustomerPeriod<SubscriptionRow> },
): PlacedLimit {
  const window = windowOf(profile, limit, of.at, of.period.window);
  return { limit, window, period: of.period };
}

/** The day that a profile's usage fell into last: nearly always that of the next event, and a calendar is slow. */
const lastDays = new WeakMap<BillingProfile, Window>();

function windowOf(profile: BillingProfile, limit: LimitInForce, at: EpochMs, billingPeriod: Window): Window {
  const period = limitPeriodOf(limit.definition);
  const last = period === "DAY" ? lastDays.get(profile) : undefined;
  if (last !== undefined && windowContains(last, at)) return last;
  const window = limitWindowAt(period, { at, billingPeriod, timeZone: profile.timeZone });
  if (period === "DAY") lastDays.set(profile, window);
  return window;
}

/**
 * Where what a limit counts is kept: a billing period's total, the rollups of a day or an hour, the bill, levels (which
 * are measured when they are asked for), or a counter of its own.
 */
export type TallySource = "PERIOD" | "WINDOWS" | "BILL" | "LEVELS" | "COUNTER";

/** See {@link TallySource}. */
export function tallySourceOf({ definition }: LimitInForce, meter: MeterDefinition | null): TallySource {
  if (definition.amount !== undefined) return "BILL";
  if (meter?.aggregation === "WEIGHTED_SUM") return "LEVELS";
  const period = limitPeriodOf(definition);
  if (definition.property !== undefined || period === "LIFETIME") return "COUNTER";
  return period === "BILLING_PERIOD" ? "PERIOD" : "WINDOWS";
}
