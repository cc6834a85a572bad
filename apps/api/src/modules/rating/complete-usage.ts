import {
  carriedQuantityAfter,
  customerPeriodAt,
  type CustomerPeriod,
  type Decimal,
  type EpochMs,
  emptyUsageState,
  type MeterUsage,
  measure,
  needsCarriedQuantity,
  needsEvents,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { BillingProfile, MeterRow, SubscriptionRow } from "../catalog/index.ts";
import { periodUsage, ratedEvents } from "./period-usage.read-model.ts";

/** Periods looked back over for negative totals that a card carries; two years of months. */
const maxPeriodsBack = 24;

type Completion = {
  profile: BillingProfile;
  period: CustomerPeriod<SubscriptionRow>;
  term: SubscriptionRow;
  meters: readonly MeterRow[];
  usages: Map<string, MeterUsage>;
  now: EpochMs;
};

/**
 * Adds what rate cards need beyond a period's totals: what nothing measured is, the period's events, or what earlier
 * periods carry over. Totals and events must be read in one snapshot, or they would not agree.
 */
export async function completeUsage(sql: Sql, of: Completion): Promise<Map<string, MeterUsage>> {
  const meters = new Map(of.meters.map((meter) => [meter.definition.key, meter]));
  const completed = new Map(of.usages);
  for (const card of of.term.plan.rateCards) {
    const meter = meters.get(card.meterKey);
    if (meter === undefined) continue;
    const usage = completed.get(card.meterKey) ?? unused(meter, of.period.window);
    completed.set(card.meterKey, usage);
    if (!needsEvents(card)) continue;
    const events = await ratedEvents(sql, of.profile.customerId, meter, of.period.window);
    completed.set(card.meterKey, { ...usage, events });
  }
  const carrying = of.term.plan.rateCards.filter(needsCarriedQuantity).map((card) => card.meterKey);
  if (carrying.length === 0) return completed;
  const earlier = await earlierTotals(sql, of);
  for (const key of carrying) {
    const usage: MeterUsage = completed.get(key) ?? { quantity: ZERO, eventCount: 0n };
    const carriedQuantity = carriedQuantityAfter(earlier.map((usages): Decimal => usages.get(key)?.quantity ?? ZERO));
    completed.set(key, { ...usage, carriedQuantity });
  }
  return completed;
}

/** Nothing measured: 0, or no value where the aggregation has none. */
function unused(meter: MeterRow, window: Window): MeterUsage {
  const { aggregation, groupBy } = meter.definition;
  const quantity = measure(aggregation, emptyUsageState(), { window, levelBefore: null });
  return { quantity, eventCount: 0n, groupBy, byDimension: [] };
}

/** What was used in the periods of the same term before this one, oldest first. */
async function earlierTotals(sql: Sql, of: Completion): Promise<Map<string, MeterUsage>[]> {
  const totals: Map<string, MeterUsage>[] = [];
  for (let at = of.period.window.startAt - 1; totals.length < maxPeriodsBack && at >= of.term.startsAt; ) {
    const { window } = customerPeriodAt(of.profile.subscriptions, at);
    totals.unshift(
      await periodUsage(sql, { customerId: of.profile.customerId, window, meters: of.meters, now: of.now }),
    );
    at = window.startAt - 1;
  }
  return totals;
}
