import type Stripe from "stripe";
import type { World } from "../core/world.ts";
import type { Call, Route } from "../http/route.ts";
import { invalidRequest } from "../wire/errors.ts";
import { oneOf, optional, readParams, text } from "../wire/params.ts";
import type { Wire } from "../wire/wire.ts";
import { renderInvoice } from "./invoices.ts";
import { renew } from "./renew.ts";
import { requireSubscription } from "./subscriptions.ts";

const PARAMS = {
  subscription: optional(text()),
  customer: optional(text()),
  preview_mode: optional(oneOf("next", "recurring")),
};

/** The next invoice of a subscription with the usage counted so far: a renewal that is rehearsed and then undone. */
function preview(world: World, call: Call): Wire<Stripe.Invoice> {
  const params = readParams(PARAMS, call.params);
  const id = params.subscription ?? onlySubscription(world, params.customer);
  const subscription = requireSubscription(world, id, "subscription");
  if (params.customer !== undefined && subscription.customer !== params.customer) {
    throw invalidRequest("The subscription does not belong to the customer.", { param: "customer" });
  }
  if (subscription.wire.status === "canceled") {
    throw invalidRequest("No upcoming invoices for customer", { code: "invoice_upcoming_none" });
  }
  return world.state.journal.run(() => {
    const endS = Math.min(...world.state.items.by("subscription", id).map((item) => item.periodEndS));
    const row = renew(world, subscription, endS * 1000);
    const invoice = renderInvoice(world, row);
    const upcoming = invoice.id.replace(/^in_/, "upcoming_in_");
    // All lines at once, because nothing is left of a preview that further pages could be read from.
    const data = world.state.lines.by("invoice", row.id).map((line) => ({ ...line.wire, invoice: upcoming }));
    const lines = { ...invoice.lines, data, has_more: false };
    return { ...invoice, id: upcoming, billing_reason: "upcoming", lines };
  }, false);
}

function onlySubscription(world: World, customer: string | undefined): string {
  const rows = customer === undefined ? [] : world.state.subscriptions.by("customer", customer);
  const active = rows.filter((row) => row.wire.status !== "canceled");
  const [first] = active;
  if (!first || active.length > 1) {
    throw invalidRequest("You must provide a subscription, or a customer with exactly one.", { param: "subscription" });
  }
  return first.id;
}

/** `/v1/invoices/create_preview`; must come before the routes of one invoice */
export const PREVIEW_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/invoices/create_preview", handle: preview },
];
