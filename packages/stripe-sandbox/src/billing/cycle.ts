import { type BillingCycle, billingPeriodAt, type Window } from "@meterline/billing-domain";
import type Stripe from "stripe";
import type { EpochMs } from "../core/time.ts";
import { invalidRequest } from "../wire/errors.ts";
import type { Wire } from "../wire/wire.ts";

/** The parts of `billing_cycle_anchor_config`; missing ones are those of the creation. */
export type AnchorConfig = {
  day_of_month: number;
  month?: number | undefined;
  hour?: number | undefined;
  minute?: number | undefined;
  second?: number | undefined;
};

/** The cycle of a recurring price from an anchor. */
export function cycleOf(recurring: NonNullable<Wire<Stripe.Price>["recurring"]>, anchorAt: EpochMs): BillingCycle {
  const intervals: Record<string, BillingCycle["interval"]> = {
    day: "DAY",
    week: "WEEK",
    month: "MONTH",
    year: "YEAR",
  };
  return { anchorAt, interval: intervals[recurring.interval] ?? "MONTH", intervalCount: recurring.interval_count };
}

/**
 * The anchor of a new subscription: the next instant, from now, that the configuration names. `returnsTo` is what later
 * periods are counted from: a 31st that is first met in a short month still returns to the 31st.
 */
export function anchorOfConfig(config: AnchorConfig, now: EpochMs): { anchorAt: EpochMs; returnsTo: EpochMs } {
  const made = new Date(now);
  const month = config.month === undefined ? 0 : config.month - 1;
  const time = [
    config.hour ?? made.getUTCHours(),
    config.minute ?? made.getUTCMinutes(),
    config.second ?? made.getUTCSeconds(),
  ] as const;
  // January has every day of a month, so nothing of the day is lost in it.
  const day = config.month === undefined ? config.day_of_month : Math.min(config.day_of_month, 28);
  const returnsTo = Date.UTC(made.getUTCFullYear(), month, day, ...time);
  const interval = config.month === undefined ? "MONTH" : "YEAR";
  const around = billingPeriodAt({ anchorAt: returnsTo, interval, intervalCount: 1 }, now);
  return { anchorAt: around.startAt === now ? now : around.endAt, returnsTo };
}

/** The first period: from now to the anchor when that is ahead, else a whole one. */
export function firstPeriod(cycle: BillingCycle, now: EpochMs): Window & { fullMs: number } {
  const around = billingPeriodAt(cycle, now);
  return { startAt: now, endAt: around.endAt, fullMs: around.endAt - around.startAt };
}

/** @throws ApiError 400 for an anchor in the past or past the next natural billing date */
export function checkAnchor(cycle: BillingCycle, now: EpochMs): void {
  const param = "billing_cycle_anchor";
  if (cycle.anchorAt < now) throw invalidRequest("billing_cycle_anchor must be in the future.", { param });
  const natural = billingPeriodAt({ ...cycle, anchorAt: now }, now).endAt;
  if (cycle.anchorAt > natural) {
    throw invalidRequest("billing_cycle_anchor cannot be later than next natural billing date.", { param });
  }
}
