import {
  type Bill,
  type CustomerPeriod,
  type EpochMs,
  type MeterUsage,
  rateBill,
  shareOfWindow,
  zeroMoney,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { BillingProfile, MeterRow, SubscriptionRow } from "../catalog/index.ts";
import { completeUsage } from "./complete-usage.ts";
import { periodUsage } from "./period-usage.read-model.ts";

/** What a customer used in a billing period, by meter key, and what that costs. */
export type StoredBill = { usages: Map<string, MeterUsage>; bill: Bill };

/** Which period of which customer, as it stands at `now`. */
export type StoredBillRequest = {
  profile: BillingProfile;
  period: CustomerPeriod<SubscriptionRow>;
  meters: readonly MeterRow[];
  now: EpochMs;
};

/** Rates a billing period from what is stored. All of one call must be read in one snapshot, or under the usage lock. */
export async function storedBill(sql: Sql, of: StoredBillRequest): Promise<StoredBill> {
  const { profile, period, meters, now } = of;
  const used = await periodUsage(sql, { customerId: profile.customerId, window: period.window, meters, now });
  if (period.term === null) {
    // Between plans nothing is priced: usage is shown, and owed is nothing.
    const nothing = zeroMoney(profile.currency);
    return { usages: used, bill: { baseFee: nothing, lines: [], adjustments: [], total: nothing } };
  }
  const usages = await completeUsage(sql, { ...of, term: period.term, usages: used });
  const bill = rateBill(period.term.plan, usages, { periodShare: shareOfWindow(period.window, period.full) });
  return { usages, bill };
}
