import type Stripe from "stripe";
import type { ItemRecord, SubscriptionRecord } from "../core/records.ts";
import { customerNow, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import {
  clearable,
  flag,
  integer,
  list,
  mergeMetadata,
  metadata,
  object,
  oneOf,
  optional,
  type Params,
  readParams,
  sent,
  text,
  unixTime,
} from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";
import { changeItem, chargeRest, invoiceNow, type Proration, removeItem } from "./change-items.ts";
import { createSubscription, newItem } from "./create-subscription.ts";
import { openInvoice } from "./invoices.ts";
import { isMetered, priceOf } from "./lines.ts";
import { addPastUsage, contentOf, endSubscription } from "./renew.ts";
import { itemsOf, renderSubscription } from "./render-subscription.ts";
import { checkTogether, itemPrice, MAX_ITEMS, PRORATION } from "./subscription-params.ts";

type Subscription = Wire<Stripe.Subscription>;

/** The subscription of an id. @throws ApiError 404, or 400 when a parameter names it */
export function requireSubscription(world: World, id: string, param?: string): SubscriptionRecord {
  const row = world.state.subscriptions.get(id);
  if (!row) throw noSuch("subscription", id, param === undefined ? {} : { param });
  return row;
}

const CHANGED_ITEM = object({
  id: optional(text()),
  price: optional(text()),
  quantity: optional(integer({ min: 0 })),
  deleted: optional(flag()),
  clear_usage: optional(flag()),
  metadata: optional(metadata()),
});
const UPDATE = {
  items: optional(list(CHANGED_ITEM, MAX_ITEMS)),
  cancel_at: optional(clearable(unixTime())),
  cancel_at_period_end: optional(flag()),
  collection_method: optional(oneOf("charge_automatically", "send_invoice")),
  days_until_due: optional(integer({ min: 0 })),
  description: optional(clearable(text(500))),
  metadata: optional(metadata()),
  // The other behaviors (void, mark_uncollectible) are not imitated.
  pause_collection: optional(clearable(object({ behavior: oneOf("keep_as_draft"), resumes_at: optional(unixTime()) }))),
  proration_behavior: PRORATION,
};
type ChangedItem = NonNullable<Params<typeof UPDATE>["items"]>[number];

function update(world: World, call: Call): Subscription {
  const row = requireSubscription(world, pathPart(call, "id"));
  const {
    items,
    metadata: changed,
    proration_behavior,
    pause_collection: pause,
    ...rest
  } = readParams(UPDATE, call.params);
  if (row.wire.status === "canceled") {
    throw invalidRequest("A canceled subscription can only update its cancellation_details and metadata.");
  }
  const wire = { ...row.wire, ...sent(rest), metadata: mergeMetadata(row.wire.metadata, changed) };
  if (pause !== undefined) wire.pause_collection = pause && { ...pause, resumes_at: pause.resumes_at ?? null };
  const ends = Math.min(...itemsOf(world, row).map((item) => item.periodEndS));
  if (rest.cancel_at_period_end !== undefined) {
    wire.canceled_at = rest.cancel_at_period_end ? seconds(customerNow(world, row.customer)) : null;
    // A date of its own stays, as far as is known: only the end that this flag had set goes with it.
    wire.cancel_at = rest.cancel_at_period_end ? ends : row.wire.cancel_at_period_end ? null : row.wire.cancel_at;
  }
  if (rest.cancel_at != null && rest.cancel_at !== ends) {
    throw invalidRequest("Only the end of the running period is imitated.", { param: "cancel_at" });
  }
  const current = world.state.subscriptions.patch(row.id, { wire });
  for (const [index, item] of (items ?? []).entries()) {
    applyItem(world, current, item, { index, proration: proration_behavior });
  }
  checkTogether(itemsOf(world, current).map((item) => priceOf(world, item.price)));
  if (items) invoiceNow(world, current, proration_behavior);
  const shown = renderSubscription(world, row.id);
  emitSnapshot(world, "customer.subscription.updated", shown, customerNow(world, row.customer));
  return shown;
}

function applyItem(
  world: World,
  subscription: SubscriptionRecord,
  item: ChangedItem,
  how: { index: number; proration: Proration },
): void {
  if (item.id === undefined) {
    addItem(world, subscription, item, how);
    return;
  }
  const before = world.state.items.get(item.id);
  if (before?.subscription !== subscription.id) {
    throw noSuch("subscription_item", item.id, { param: `items[${how.index}][id]` });
  }
  if (item.deleted) {
    removeItem(world, subscription, before, { proration: how.proration, clearUsage: item.clear_usage ?? false });
    return;
  }
  changeOneItem(world, subscription, before, { ...item, proration: how.proration });
}

/** Changes an item's price, quantity or metadata. */
export function changeOneItem(
  world: World,
  subscription: SubscriptionRecord,
  before: ItemRecord,
  change: {
    price?: string | undefined;
    quantity?: number | undefined;
    metadata?: Record<string, string> | undefined;
    proration: Proration;
  },
): void {
  const price = change.price ?? before.price;
  if (price !== before.price || change.quantity !== undefined) {
    itemPrice(world, { price, quantity: change.quantity }, "items");
  }
  const quantity = isMetered(priceOf(world, price)) ? null : (change.quantity ?? before.quantity ?? 1);
  const after = changeItem(world, subscription, before, { price, quantity, proration: change.proration });
  world.state.items.put({ ...after, metadata: mergeMetadata(before.metadata, change.metadata) });
}

/** Adds an item to a running subscription; it begins now and ends with the others' period. */
export function addItem(
  world: World,
  subscription: SubscriptionRecord,
  item: { price?: string | undefined; quantity?: number | undefined; metadata?: Record<string, string> | undefined },
  how: { index: number; proration: Proration },
): ItemRecord {
  if (item.price === undefined) throw invalidRequest("Missing required param: items[price].", { param: "items" });
  const others = itemsOf(world, subscription);
  if (others.length >= MAX_ITEMS)
    throw invalidRequest(`A subscription has at most ${MAX_ITEMS} items.`, { param: "items" });
  itemPrice(world, { price: item.price, quantity: item.quantity }, `items[${how.index}]`);
  const fromAt = customerNow(world, subscription.customer);
  const [sibling] = others;
  const startAt = sibling ? sibling.periodStartS * 1000 : fromAt;
  const endAt = sibling ? sibling.periodEndS * 1000 : fromAt;
  const added = newItem(world, subscription.id, { ...item, price: item.price }, { startAt, endAt, fromAt });
  chargeRest(world, subscription, added, { nowS: seconds(fromAt), sign: "1", proration: how.proration });
  return added;
}

const CANCEL = { invoice_now: optional(flag()), prorate: optional(flag()) };

/** Ends a subscription now. Its metered usage is discarded, unless `invoice_now` bills it. */
function cancel(world: World, call: Call): Subscription {
  const row = requireSubscription(world, pathPart(call, "id"));
  const params = readParams(CANCEL, call.params);
  if (row.wire.status === "canceled") throw noSuch("subscription", row.id);
  const at = Math.floor(customerNow(world, row.customer) / 1000) * 1000;
  if (params.prorate) {
    for (const item of itemsOf(world, row)) {
      chargeRest(world, row, item, { nowS: seconds(at), sign: "-1", proration: "create_prorations" });
    }
  }
  if (params.invoice_now) {
    const [first] = itemsOf(world, row);
    const span = { periodFromS: first?.periodStartS ?? seconds(at), periodToS: seconds(at) };
    const content = { ...contentOf(row, at), ...span, reason: "subscription_update" as const };
    const { id } = openInvoice(world, content, (invoice) => {
      for (const item of itemsOf(world, row)) addPastUsage(world, invoice, item, seconds(at));
    });
    world.state.subscriptions.patch(row.id, { wire: { ...row.wire, latest_invoice: id } });
  }
  endSubscription(world, row.id, at);
  return renderSubscription(world, row.id);
}

const LIST = {
  ...LIST_PARAMS,
  customer: optional(text()),
  price: optional(text()),
  status: optional(oneOf("active", "canceled", "all", "ended")),
  test_clock: optional(text()),
};

function listSubscriptions(world: World, call: Call): WireList<Subscription> {
  const params = readParams(LIST, call.params);
  const wanted = (row: SubscriptionRecord) => {
    const isCanceled = row.wire.status === "canceled";
    if (params.status === undefined && isCanceled) return false;
    if (params.status === "active" && isCanceled) return false;
    if ((params.status === "canceled" || params.status === "ended") && !isCanceled) return false;
    if (params.customer !== undefined && row.customer !== params.customer) return false;
    if (params.test_clock !== undefined && row.testClock !== params.test_clock) return false;
    return params.price === undefined || itemsOf(world, row).some((item) => item.price === params.price);
  };
  const rows = world.state.subscriptions.values().filter(wanted).reverse();
  return pageOf(
    rows.map((row) => renderSubscription(world, row.id)),
    params,
    call.url,
  );
}

/** `/v1/subscriptions` */
export const SUBSCRIPTION_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/subscriptions", handle: createSubscription },
  { method: "GET", pattern: "/v1/subscriptions", handle: listSubscriptions },
  {
    method: "GET",
    pattern: "/v1/subscriptions/:id",
    handle: (world, call) => renderSubscription(world, requireSubscription(world, pathPart(call, "id")).id),
  },
  { method: "POST", pattern: "/v1/subscriptions/:id", handle: update },
  { method: "DELETE", pattern: "/v1/subscriptions/:id", handle: cancel },
];
