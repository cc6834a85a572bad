import { billingPeriodAt } from "@meterline/billing-domain";
import type { InvoiceRecord, ItemRecord, SubscriptionRecord } from "../core/records.ts";
import type { EpochMs } from "../core/time.ts";
import type { World } from "../core/world.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { seconds } from "../wire/wire.ts";
import { cycleOf } from "./cycle.ts";
import { finalizeInvoice, openInvoice } from "./invoices.ts";
import { addLicensedLine, addUsageLine, isMetered, priceOf } from "./lines.ts";
import { itemsOf, renderSubscription } from "./render-subscription.ts";

/** The end of the running period of a subscription, in seconds. */
export function periodEndS(world: World, subscription: SubscriptionRecord): number {
  return Math.min(...itemsOf(world, subscription).map((item) => item.periodEndS));
}

/**
 * The end of a period: the past one's usage and the coming one's fees go on a draft; or, when the subscription ends
 * here, its usage alone does.
 */
export function renew(world: World, subscription: SubscriptionRecord, at: EpochMs): InvoiceRecord {
  const items = itemsOf(world, subscription);
  const [first] = items;
  const { cancel_at, cancel_at_period_end } = subscription.wire;
  const isEnding = cancel_at_period_end || (cancel_at !== null && cancel_at === first?.periodEndS);
  const span = { periodFromS: first?.periodStartS ?? seconds(at), periodToS: first?.periodEndS ?? seconds(at) };
  const coming = isEnding ? [] : items.map((item) => nextPeriod(world, subscription, item));
  for (const item of coming) world.state.items.put(item);
  const invoice = openInvoice(
    world,
    { ...contentOf(subscription, at), ...span, reason: "subscription_cycle" },
    (id) => {
      for (const item of items) addPastUsage(world, id, item, item.periodEndS);
      for (const item of coming) {
        if (isMetered(priceOf(world, item.price))) continue;
        addLicensedLine(world, id, item, { fromS: item.periodStartS, toS: item.periodEndS });
      }
    },
  );
  const wire = { ...subscription.wire, latest_invoice: invoice.id };
  world.state.subscriptions.patch(subscription.id, { wire });
  if (isEnding) endSubscription(world, subscription.id, at);
  else emitSnapshot(world, "customer.subscription.updated", renderSubscription(world, subscription.id), at);
  return invoice;
}

/** What all invoices of a subscription share. */
export function contentOf(subscription: SubscriptionRecord, at: EpochMs) {
  return {
    customer: subscription.customer,
    subscription: subscription.id,
    currency: subscription.wire.currency,
    at,
    // Invoices that are made while collection is paused stay drafts: https://docs.stripe.com/billing/subscriptions/pause-payment
    autoAdvance: subscription.wire.pause_collection === null,
    collection: subscription.wire.collection_method,
    daysUntilDue: subscription.wire.days_until_due,
    pullsPending: true,
  };
}

/** Adds an item's usage up to `toS`, unless it is licensed. */
export function addPastUsage(world: World, invoice: string, item: ItemRecord, toS: number): void {
  if (!isMetered(priceOf(world, item.price))) return;
  const customer = world.state.subscriptions.get(item.subscription)?.customer ?? "";
  const fromS = Math.max(item.periodStartS, item.usageFromS);
  addUsageLine(world, invoice, item, { item: item.id, price: item.price, customer, fromS, toS });
}

function nextPeriod(world: World, subscription: SubscriptionRecord, item: ItemRecord): ItemRecord {
  const { recurring } = priceOf(world, item.price);
  if (!recurring) throw new Error(`price ${item.price} does not recur`);
  const period = billingPeriodAt(cycleOf(recurring, subscription.anchorAt), item.periodEndS * 1000);
  return { ...item, periodStartS: item.periodEndS, periodEndS: seconds(period.endAt) };
}

/** active → canceled */
export function endSubscription(world: World, id: string, at: EpochMs): void {
  const row = world.state.subscriptions.get(id);
  if (!row) return;
  const ended = {
    status: "canceled" as const,
    ended_at: seconds(at),
    canceled_at: row.wire.canceled_at ?? seconds(at),
  };
  world.state.subscriptions.patch(id, { wire: { ...row.wire, ...ended } });
  emitSnapshot(world, "customer.subscription.deleted", renderSubscription(world, id), at);
}

/** Opens the first invoice of a subscription, which is finalized at once when it is charged automatically. */
export function openFirstInvoice(
  world: World,
  subscription: SubscriptionRecord,
  fill: (invoice: string) => void,
): InvoiceRecord {
  const at = subscription.wire.created * 1000;
  const span = { periodFromS: subscription.wire.created, periodToS: subscription.wire.created };
  const content = { ...contentOf(subscription, at), ...span, reason: "subscription_create" as const };
  const invoice = openInvoice(world, content, fill);
  if (subscription.wire.collection_method !== "charge_automatically") return invoice;
  return finalizeInvoice(world, invoice.id, at);
}
