import type Stripe from "stripe";
import type { World } from "../core/world.ts";
import { pageOf } from "../http/pagination.ts";
import type { Call, Route } from "../http/route.ts";
import { invalidRequest } from "../wire/errors.ts";
import { oneOf, optional, readParams, text } from "../wire/params.ts";
import type { Wire } from "../wire/wire.ts";
import { renderInvoice } from "./invoices.ts";
import { renew } from "./renew.ts";
import { requireSubscription } from "./subscriptions.ts";

const MOST_PREVIEWS = 100;

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
    const all = world.state.lines.by("invoice", row.id).map((line) => ({ ...line.wire, invoice: upcoming }));
    keep(world, upcoming, all);
    const lines = pageOf(all, {}, `/v1/invoices/${upcoming}/lines`);
    return { ...invoice, id: upcoming, billing_reason: "upcoming", lines };
  }, false);
}

/** Nothing else is left of a preview that its further lines could be read from; the latest few are kept for that. */
function keep(world: World, id: string, lines: Wire<Stripe.InvoiceLineItem>[]): void {
  const { previews } = world;
  previews.delete(id);
  previews.set(id, lines);
  for (const oldest of previews.keys()) {
    if (previews.size <= MOST_PREVIEWS) return;
    previews.delete(oldest);
  }
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
