import type Stripe from "stripe";
import { createSubscription } from "../billing/create-subscription.ts";
import { itemPrice } from "../billing/subscription-params.ts";
import { requireCustomer } from "../catalog/customers.ts";
import type { CheckoutSessionRecord } from "../core/records.ts";
import { API_VERSION, newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import type { RawObject } from "../wire/form.ts";
import {
  integer,
  list,
  mergeMetadata,
  metadata,
  object,
  oneOf,
  optional,
  type Params,
  readParams,
  text,
  unixTime,
} from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";
import { newCheckoutWire } from "./new-checkout.ts";

type Session = Wire<Stripe.Checkout.Session>;

const CREATE = {
  mode: oneOf("subscription", "setup"),
  customer: text(),
  line_items: optional(list(object({ price: text(), quantity: optional(integer({ min: 1 })) }), 20)),
  success_url: text(),
  cancel_url: optional(text()),
  client_reference_id: optional(text(200)),
  currency: optional(text(3)),
  metadata: optional(metadata()),
  subscription_data: optional(object({ metadata: optional(metadata()), billing_cycle_anchor: optional(unixTime()) })),
};

/** A link to a local page where one button pays, or stores a card. Payments (`mode: payment`) are not imitated. */
function create(world: World, call: Call): Session {
  const params = readParams(CREATE, call.params);
  requireCustomer(world, params.customer);
  const subscribe = params.mode === "subscription" ? subscriptionOf(world, params) : null;
  const id = newId(world, "cs_test");
  const wire = newCheckoutWire({
    id,
    url: `${world.origin}/c/pay/${id}`,
    createdS: seconds(world.clock.now()),
    customer: params.customer,
    mode: params.mode,
    successUrl: params.success_url,
    cancelUrl: params.cancel_url ?? null,
    reference: params.client_reference_id ?? null,
    currency: params.currency ?? null,
    metadata: mergeMetadata({}, params.metadata),
  });
  world.state.checkoutSessions.put({ id, subscribe, wire });
  return wire;
}

function subscriptionOf(world: World, params: Params<typeof CREATE>): RawObject {
  const items = params.line_items ?? [];
  if (items.length === 0) throw invalidRequest("Missing required param: line_items.", { param: "line_items" });
  for (const [index, item] of items.entries()) itemPrice(world, item, `line_items[${index}]`);
  const { metadata: kept, billing_cycle_anchor: anchor } = params.subscription_data ?? {};
  return {
    customer: params.customer,
    items: items.map((item) => ({
      price: item.price,
      ...(item.quantity === undefined ? {} : { quantity: item.quantity }),
    })),
    metadata: mergeMetadata({}, kept),
    ...(anchor === undefined ? {} : { billing_cycle_anchor: anchor }),
  };
}

/** What the page's button does: the subscription starts, and the session tells of it. */
export function completeCheckout(world: World, row: CheckoutSessionRecord): Session {
  if (row.wire.status !== "open") throw invalidRequest("This Checkout Session is not open any more.");
  const call = { params: row.subscribe ?? {}, path: {}, url: "", apiVersion: API_VERSION, key: "" };
  const subscription = row.subscribe ? createSubscription(world, call) : null;
  const wire: Session = {
    ...row.wire,
    status: "complete",
    payment_status: subscription ? "paid" : "no_payment_required",
    subscription: subscription?.id ?? null,
    invoice: (subscription?.latest_invoice as string | null) ?? null,
    setup_intent: subscription ? null : newId(world, "seti"),
    url: null,
  };
  world.state.checkoutSessions.patch(row.id, { wire });
  emitSnapshot(world, "checkout.session.completed", wire);
  return wire;
}

function find(world: World, call: Call): CheckoutSessionRecord {
  const row = world.state.checkoutSessions.get(pathPart(call, "id"));
  if (!row) throw noSuch("checkout.session", pathPart(call, "id"));
  return row;
}

function expire(world: World, call: Call): Session {
  const row = find(world, call);
  if (row.wire.status !== "open") {
    throw invalidRequest(`Only Checkout Sessions with a status in ["open"] can be expired.`);
  }
  const wire: Session = { ...row.wire, status: "expired", url: null };
  world.state.checkoutSessions.patch(row.id, { wire });
  emitSnapshot(world, "checkout.session.expired", wire);
  return wire;
}

/** `/v1/checkout/sessions` */
export const CHECKOUT_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/checkout/sessions", handle: create },
  {
    method: "GET",
    pattern: "/v1/checkout/sessions",
    handle: (world, call): WireList<Session> => {
      const params = readParams({ ...LIST_PARAMS, customer: optional(text()) }, call.params);
      const rows = world.state.checkoutSessions
        .values()
        .map((row) => row.wire)
        .filter((wire) => params.customer === undefined || wire.customer === params.customer);
      return pageOf(rows.reverse(), params, call.url);
    },
  },
  { method: "GET", pattern: "/v1/checkout/sessions/:id", handle: (world, call): Session => find(world, call).wire },
  { method: "POST", pattern: "/v1/checkout/sessions/:id/expire", handle: expire },
];
