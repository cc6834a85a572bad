import { decimal, ZERO } from "@meterline/billing-domain";
import type { ItemRecord, SubscriptionRecord } from "../core/records.ts";
import { customerNow, type World } from "../core/world.ts";
import { invalidRequest } from "../wire/errors.ts";
import { seconds } from "../wire/wire.ts";
import { finalizeInvoice, openInvoice } from "./invoices.ts";
import { isMetered, priceOf, usageQuantity } from "./lines.ts";
import { addInvoiceItem } from "./pending-items.ts";
import { priceQuantity } from "./price-quantity.ts";
import { contentOf } from "./renew.ts";

/** What to do with money when an item changes within a period. */
export type Proration = "create_prorations" | "none" | "always_invoice" | undefined;

/** The price or quantity of an item becomes another from now on. */
export function changeItem(
  world: World,
  subscription: SubscriptionRecord,
  before: ItemRecord,
  change: { price: string; quantity: number | null; proration: Proration },
): ItemRecord {
  if (before.price === change.price && before.quantity === change.quantity) return before;
  const nowS = seconds(customerNow(world, subscription.customer));
  const isPriceSwitch = before.price !== change.price;
  settle(world, subscription, before, { nowS, sign: "-1", proration: change.proration });
  const after: ItemRecord = {
    ...before,
    price: change.price,
    quantity: change.quantity,
    // Classic mode silently forgets the usage before a switch; flexible mode has just billed it.
    usageFromS: isPriceSwitch ? nowS : before.usageFromS,
  };
  world.state.items.put(after);
  chargeRest(world, subscription, after, { nowS, sign: "1", proration: change.proration });
  return after;
}

/** Takes an item off a subscription. */
export function removeItem(
  world: World,
  subscription: SubscriptionRecord,
  item: ItemRecord,
  how: { proration: Proration; clearUsage: boolean },
): void {
  const nowS = seconds(customerNow(world, subscription.customer));
  if (isMetered(priceOf(world, item.price)) && !how.clearUsage && subscription.wire.billing_mode.type === "classic") {
    throw invalidRequest(
      "Subscription item cannot be deleted because it has usage. Pass `clear_usage=true` to delete it with its usage.",
      { param: "clear_usage" },
    );
  }
  settle(world, subscription, item, { nowS, sign: "-1", proration: how.clearUsage ? "none" : how.proration });
  world.state.items.delete(item.id);
}

type Settlement = { nowS: number; sign: "1" | "-1"; proration: Proration };

/** Bills the unbilled usage of a metered item (flexible mode), or gives back the unused rest of a licensed one. */
function settle(world: World, subscription: SubscriptionRecord, item: ItemRecord, how: Settlement): void {
  if (how.proration === "none") return;
  const price = priceOf(world, item.price);
  if (!isMetered(price)) {
    chargeRest(world, subscription, item, how);
    return;
  }
  if (subscription.wire.billing_mode.type !== "flexible") return;
  const { customer } = subscription;
  const fromS = Math.max(item.periodStartS, item.usageFromS);
  const quantity = usageQuantity(world, { item: item.id, price: price.id, customer, fromS, toS: how.nowS });
  if (quantity.eq(ZERO)) return;
  addInvoiceItem(world, {
    customer,
    subscription: subscription.id,
    amount: Number(priceQuantity(price, quantity, world.options.graduatedRounding).toFixed(0)),
    currency: price.currency,
    description: `Usage of ${price.nickname ?? price.id} before the change`,
    quantity: quantity.toFixed(),
    fromS,
    toS: how.nowS,
    price: price.id,
    isProration: true,
    metadata: {},
  });
}

/** The rest of the period of a licensed item, by the second: charged or, with sign -1, given back. Usage is never prorated. */
export function chargeRest(world: World, subscription: SubscriptionRecord, item: ItemRecord, how: Settlement): void {
  const price = priceOf(world, item.price);
  if (how.proration === "none" || isMetered(price)) return;
  const quantity = decimal(String(item.quantity ?? 1));
  const share = decimal(String(item.periodEndS - how.nowS)).div(decimal(String(item.periodEndS - item.periodStartS)));
  const amount = priceQuantity(price, quantity, world.options.graduatedRounding).times(share).round(0, 1);
  if (amount.eq(ZERO)) return;
  const name = price.nickname ?? price.id;
  addInvoiceItem(world, {
    customer: subscription.customer,
    subscription: subscription.id,
    amount: Number(amount.times(decimal(how.sign)).toFixed(0)),
    currency: price.currency,
    description: how.sign === "1" ? `Remaining time on ${name}` : `Unused time on ${name}`,
    quantity: quantity.toFixed(),
    fromS: how.nowS,
    toS: item.periodEndS,
    price: price.id,
    isProration: true,
    metadata: {},
  });
}

/** `always_invoice`: what the change left waiting is billed at once. */
export function invoiceNow(world: World, subscription: SubscriptionRecord, proration: Proration): void {
  if (proration !== "always_invoice") return;
  const at = Math.floor(customerNow(world, subscription.customer) / 1000) * 1000;
  const span = { periodFromS: seconds(at), periodToS: seconds(at) };
  const content = { ...contentOf(subscription, at), ...span, reason: "subscription_update" as const };
  const { id } = openInvoice(world, content, () => {});
  finalizeInvoice(world, id, at);
  const row = world.state.subscriptions.get(subscription.id);
  if (row) world.state.subscriptions.patch(row.id, { wire: { ...row.wire, latest_invoice: id } });
}
