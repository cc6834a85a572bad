import type Stripe from "stripe";
import { requireCustomer } from "../catalog/customers.ts";
import { newId, type World } from "../core/world.ts";
import type { Call, Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { noSuch } from "../wire/errors.ts";
import { object, oneOf, optional, readParams, text } from "../wire/params.ts";
import { seconds, type Wire } from "../wire/wire.ts";

type Session = Wire<Stripe.BillingPortal.Session>;

const CREATE = {
  customer: text(),
  return_url: optional(text()),
  locale: optional(text()),
  // Every flow leads to the one page there is.
  flow_data: optional(
    object({
      type: oneOf("payment_method_update", "subscription_cancel"),
      subscription_cancel: optional(object({ subscription: text() })),
    }),
  ),
};

/** A link to a local page where the customer sees invoices and cancels or keeps subscriptions. */
function create(world: World, call: Call): Session {
  const params = readParams(CREATE, call.params);
  const customer = requireCustomer(world, params.customer);
  const cancelled = params.flow_data?.subscription_cancel?.subscription;
  if (cancelled !== undefined && world.state.subscriptions.get(cancelled)?.customer !== customer.id) {
    throw noSuch("subscription", cancelled, { param: "flow_data[subscription_cancel][subscription]" });
  }
  const id = newId(world, "bps");
  const wire: Session = {
    id,
    object: "billing_portal.session",
    // There is one configuration, which allows what the page offers.
    configuration: "bpc_sandbox",
    created: seconds(world.clock.now()),
    customer: customer.id,
    customer_account: null,
    flow: null,
    livemode: false,
    locale: null,
    on_behalf_of: null,
    return_url: params.return_url ?? null,
    url: `${world.origin}/p/session/${id}`,
  };
  world.state.portalSessions.put({ id, customer: customer.id, wire });
  emitSnapshot(world, "billing_portal.session.created", wire);
  return wire;
}

/** `/v1/billing_portal/sessions` */
export const PORTAL_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/billing_portal/sessions", handle: create },
];
