import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { Stripe } from "../../platform/stripe/index.ts";
import type { StripeItemLink } from "../stripe-catalog/index.ts";
import { priceOwner } from "./stripe-customer.repository.ts";

const secondMs = 1_000;

/** A Stripe subscription in our words. */
export type SubscriptionView = {
  status: string;
  cancelAt: EpochMs | null;
  endedAt: EpochMs | null;
  /** Those whose price is one of ours. */
  items: StripeItemLink[];
  /** The plan version whose base fee it bills; null where that is none of ours. */
  planVersionId: string | null;
  /** Prices of items that are none of ours, or of another plan version. */
  strangePriceIds: string[];
  /** How often it bills the base fee; ours is billed once. */
  baseQuantity: number;
};

/** Reads what concerns us from a subscription, by the prices of its items. */
export async function viewOfSubscription(sql: Sql, stripe: Stripe.Subscription): Promise<SubscriptionView> {
  const items = stripe.items.data.map((item) => ({
    itemId: item.id,
    priceId: item.price.id,
    stripeMeterId: item.price.recurring?.meter ?? null,
  }));
  const owners = await priceOwner(sql, [...new Set(items.map((item) => item.priceId))]);
  const base = items.map((item) => owners.get(item.priceId)).find((owner) => owner?.meterKey === null);
  const planVersionId = base?.planVersionId ?? null;
  const ours: StripeItemLink[] = [];
  const strangePriceIds: string[] = [];
  for (const item of items) {
    const owner = owners.get(item.priceId);
    if (owner === undefined || owner.planVersionId !== planVersionId) strangePriceIds.push(item.priceId);
    else ours.push({ ...item, meterKey: owner.meterKey });
  }
  const baseItemId = ours.find((item) => item.meterKey === null)?.itemId;
  return {
    status: stripe.status,
    cancelAt: instantOf(stripe.cancel_at),
    endedAt: instantOf(stripe.ended_at),
    items: ours,
    planVersionId,
    strangePriceIds,
    baseQuantity: stripe.items.data.find((item) => item.id === baseItemId)?.quantity ?? 1,
  };
}

const instantOf = (seconds: number | null): EpochMs | null => (seconds === null ? null : seconds * secondMs);
