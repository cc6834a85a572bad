import {
  type Bill,
  billingPeriodState,
  type BillingPeriodState,
  type CustomerPeriod,
  customerPeriodAt,
  type EpochMs,
  type MeterUsage,
  rateBill,
  shareOfWindow,
  zeroMoney,
} from "@meterline/billing-domain";
import { readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import {
  type BillingProfile,
  type MeterRow,
  type Meters,
  type SubscriptionRow,
  selectProfiles,
} from "../catalog/index.ts";
import { completeUsage } from "./complete-usage.ts";
import { periodUsage } from "./period-usage.read-model.ts";

/** A customer's bill for one billing period, as far as it has got. */
export type ConsumptionView = {
  profile: BillingProfile;
  period: CustomerPeriod<SubscriptionRow>;
  state: BillingPeriodState;
  bill: Bill;
  usages: ReadonlyMap<string, MeterUsage>;
  meters: ReadonlyMap<string, MeterRow>;
  /** Every event recorded before this instant is in the numbers. */
  completeThrough: EpochMs;
};

/** Rates what customers used. The one place that turns stored usage into a bill, for every screen and statement. */
export class ConsumptionService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly meters: Meters,
  ) {}

  /** The billing period at `at`. Its cost does not grow with the number of events. */
  async consumption(viewer: Viewer, profile: BillingProfile, at: EpochMs): Promise<ConsumptionView> {
    const now = this.clock.now();
    const meters = await this.meters.all();
    const { stored, period, usages } = await readAs(this.database, viewer, async (sql) => {
      // From the same snapshot as the totals: those of the periods of a profile that was cached may be gone.
      const [stored] = await selectProfiles(sql, { ids: [profile.customerId], externalIds: [] });
      invariant(stored, `customer ${profile.customerId} is there`);
      const period = customerPeriodAt(stored.subscriptions, at);
      return { stored, period, usages: await usageOf(sql, { profile: stored, period, meters, now }) };
    });
    return {
      profile: stored,
      period,
      state: billingPeriodState(period.window, now),
      bill: billOf(stored, period, usages),
      usages,
      meters: new Map(meters.map((meter) => [meter.definition.key, meter])),
      completeThrough: now,
    };
  }
}

async function usageOf(
  sql: Sql,
  of: { profile: BillingProfile; period: CustomerPeriod<SubscriptionRow>; meters: readonly MeterRow[]; now: EpochMs },
): Promise<Map<string, MeterUsage>> {
  const { profile, period, meters, now } = of;
  const usages = await periodUsage(sql, { customerId: profile.customerId, window: period.window, meters, now });
  return period.term === null ? usages : completeUsage(sql, { ...of, term: period.term, usages });
}

/** Between plans nothing is priced: usage is shown, and owed is nothing. */
function billOf(
  profile: BillingProfile,
  period: CustomerPeriod<SubscriptionRow>,
  usages: ReadonlyMap<string, MeterUsage>,
): Bill {
  const nothing = zeroMoney(profile.currency);
  if (period.term === null) return { baseFee: nothing, lines: [], adjustments: [], total: nothing };
  return rateBill(period.term.plan, usages, { periodShare: shareOfWindow(period.window, period.full) });
}
