import type Stripe from "stripe";
import { shownPrice } from "../catalog/prices.ts";
import type { ItemRecord, SubscriptionRecord } from "../core/records.ts";
import type { World } from "../core/world.ts";
import { idOf, type Wire } from "../wire/wire.ts";
import { isMetered, priceOf } from "./lines.ts";

/** A subscription with its items, as it is sent. */
export function renderSubscription(world: World, id: string): Wire<Stripe.Subscription> {
  const row = world.state.subscriptions.get(id);
  if (!row) throw new Error(`subscription ${id} is gone`);
  const data = itemsOf(world, row).map((item) => renderItem(world, item));
  const url = `/v1/subscription_items?subscription=${id}`;
  return { ...row.wire, items: { object: "list", data, has_more: false, url } };
}

/** The items of a subscription, oldest first. */
export function itemsOf(world: World, subscription: SubscriptionRecord): ItemRecord[] {
  return world.state.items.by("subscription", subscription.id);
}

/** An item as it is sent; a metered one has no quantity. */
export function renderItem(world: World, item: ItemRecord): Wire<Stripe.SubscriptionItem> {
  const price = priceOf(world, item.price);
  return {
    id: item.id,
    object: "subscription_item",
    billing_thresholds: null,
    created: item.createdS,
    current_period_end: item.periodEndS,
    current_period_start: item.periodStartS,
    current_trial: null,
    discounts: [],
    metadata: item.metadata,
    plan: planOf(price),
    price: shownPrice(price),
    ...(isMetered(price) ? {} : { quantity: item.quantity ?? 1 }),
    subscription: item.subscription,
    tax_rates: [],
  };
}

/** The old name of a price, which items still carry. */
function planOf(price: Wire<Stripe.Price>): Wire<Stripe.Plan> {
  return {
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? "month",
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: price.recurring?.meter ?? null,
    nickname: price.nickname,
    product: idOf(price.product),
    tiers_mode: price.tiers_mode,
    transform_usage: price.transform_quantity,
    trial_period_days: null,
    usage_type: price.recurring?.usage_type ?? "licensed",
  };
}
