import type Stripe from "stripe";
import type { ItemRecord } from "../core/records.ts";
import { customerNow, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { noSuch } from "../wire/errors.ts";
import { flag, integer, metadata, optional, readParams, text } from "../wire/params.ts";
import type { Wire, WireList } from "../wire/wire.ts";
import { invoiceNow, removeItem } from "./change-items.ts";
import { priceOf } from "./lines.ts";
import { itemsOf, renderItem, renderSubscription } from "./render-subscription.ts";
import { checkTogether, ITEM_FIELDS, PRORATION } from "./subscription-params.ts";
import { addItem, changeOneItem, requireSubscription } from "./subscriptions.ts";

type Item = Wire<Stripe.SubscriptionItem>;

/** The item in the path. @throws ApiError 404 */
export function requireItem(world: World, call: Call): ItemRecord {
  const item = world.state.items.get(pathPart(call, "id"));
  if (!item) throw noSuch("subscription_item", pathPart(call, "id"));
  return item;
}

function tellOf(world: World, subscription: string): void {
  const { customer } = requireSubscription(world, subscription);
  emitSnapshot(
    world,
    "customer.subscription.updated",
    renderSubscription(world, subscription),
    customerNow(world, customer),
  );
}

function create(world: World, call: Call): Item {
  const shape = { ...ITEM_FIELDS, subscription: text(), proration_behavior: PRORATION };
  const params = readParams(shape, call.params);
  const subscription = requireSubscription(world, params.subscription, "subscription");
  const item = addItem(world, subscription, params, { index: 0, proration: params.proration_behavior });
  checkTogether(itemsOf(world, subscription).map((one) => priceOf(world, one.price)));
  invoiceNow(world, subscription, params.proration_behavior);
  tellOf(world, subscription.id);
  return renderItem(world, item);
}

function update(world: World, call: Call): Item {
  const before = requireItem(world, call);
  const shape = {
    price: optional(text()),
    quantity: optional(integer({ min: 0 })),
    metadata: optional(metadata()),
    proration_behavior: PRORATION,
  };
  const { proration_behavior: proration, ...change } = readParams(shape, call.params);
  const subscription = requireSubscription(world, before.subscription);
  changeOneItem(world, subscription, before, { ...change, proration });
  checkTogether(itemsOf(world, subscription).map((one) => priceOf(world, one.price)));
  invoiceNow(world, subscription, proration);
  tellOf(world, subscription.id);
  return renderItem(world, requireItem(world, call));
}

function remove(world: World, call: Call): Wire<Stripe.DeletedSubscriptionItem> {
  const item = requireItem(world, call);
  const params = readParams({ clear_usage: optional(flag()), proration_behavior: PRORATION }, call.params);
  const subscription = requireSubscription(world, item.subscription);
  const proration = params.proration_behavior;
  removeItem(world, subscription, item, { proration, clearUsage: params.clear_usage ?? false });
  invoiceNow(world, subscription, proration);
  tellOf(world, subscription.id);
  return { id: item.id, object: "subscription_item", deleted: true };
}

/** `/v1/subscription_items` */
export const SUBSCRIPTION_ITEM_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/subscription_items", handle: create },
  {
    method: "GET",
    pattern: "/v1/subscription_items",
    handle: (world, call): WireList<Item> => {
      const params = readParams({ ...LIST_PARAMS, subscription: text() }, call.params);
      const subscription = requireSubscription(world, params.subscription, "subscription");
      const rows = itemsOf(world, subscription).map((item) => renderItem(world, item));
      return pageOf(rows, params, call.url);
    },
  },
  {
    method: "GET",
    pattern: "/v1/subscription_items/:id",
    handle: (world, call): Item => renderItem(world, requireItem(world, call)),
  },
  { method: "POST", pattern: "/v1/subscription_items/:id", handle: update },
  { method: "DELETE", pattern: "/v1/subscription_items/:id", handle: remove },
];
