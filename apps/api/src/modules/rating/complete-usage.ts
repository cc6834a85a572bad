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
import { earlierQuantities, periodUsage, ratedEvents } from "./period-usage.read-model.ts";

/** Periods looked back over for a negative level that a card carries; two years of months. */
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
  for (const card of of.term.plan.rateCards.filter(needsCarriedQuantity)) {
    const meter = meters.get(card.meterKey);
    if (meter === undefined) continue;
    const usage: MeterUsage = completed.get(card.meterKey) ?? { quantity: ZERO, eventCount: 0n };
    completed.set(card.meterKey, {
      ...usage,
      carriedQuantity: carriedQuantityAfter(await quantitiesBefore(sql, of, meter)),
    });
  }
  return completed;
}

/** What the meter counted in each period of the same term before this one, oldest first. */
async function quantitiesBefore(sql: Sql, of: Completion, meter: MeterRow): Promise<Decimal[]> {
  if (meter.definition.aggregation === "WEIGHTED_SUM") return levelsBefore(sql, of, meter);
  const starts = { startAt: of.term.startsAt, endAt: of.period.window.startAt };
  return earlierQuantities(sql, of.profile.customerId, meter, starts);
}

/** Nothing measured: 0, or no value where the aggregation has none. */
function unused(meter: MeterRow, window: Window): MeterUsage {
  const { aggregation, groupBy } = meter.definition;
  const quantity = measure(aggregation, emptyUsageState(), { window, levelBefore: null });
  return { quantity, eventCount: 0n, groupBy, byDimension: [] };
}

/** The same of a level, which is measured anew for each period. */
async function levelsBefore(sql: Sql, of: Completion, meter: MeterRow): Promise<Decimal[]> {
  const quantities: Decimal[] = [];
  for (let at = of.period.window.startAt - 1; quantities.length < maxPeriodsBack && at >= of.term.startsAt; ) {
    const { window } = customerPeriodAt(of.profile.subscriptions, at);
    const request = { customerId: of.profile.customerId, window, meters: [meter], now: of.now };
    quantities.unshift((await periodUsage(sql, request)).get(meter.definition.key)?.quantity ?? ZERO);
    at = window.startAt - 1;
  }
  return quantities;
}
