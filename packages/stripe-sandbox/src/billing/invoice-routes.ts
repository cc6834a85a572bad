import type Stripe from "stripe";
import { requireCustomer } from "../catalog/customers.ts";
import type { InvoiceRecord } from "../core/records.ts";
import { customerNow, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import {
  clearable,
  flag,
  integer,
  mergeMetadata,
  metadata,
  oneOf,
  optional,
  readParams,
  text,
  unixTime,
} from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";
import { giveCreditsBack } from "./apply-credits.ts";
import { finalizeInvoice, invoiceNow, openInvoice, payInvoice, renderInvoice, tell } from "./invoices.ts";

type Invoice = Wire<Stripe.Invoice>;

/** The invoice in the path. @throws ApiError 404 */
export function requireInvoice(world: World, call: Call): InvoiceRecord {
  const row = world.state.invoices.get(pathPart(call, "id"));
  if (!row) throw noSuch("invoice", pathPart(call, "id"));
  return row;
}

const CREATE = {
  customer: text(),
  auto_advance: optional(flag()),
  collection_method: optional(oneOf("charge_automatically", "send_invoice")),
  currency: optional(text(3)),
  days_until_due: optional(integer({ min: 0 })),
  description: optional(text()),
  metadata: optional(metadata()),
  pending_invoice_items_behavior: optional(oneOf("include", "exclude")),
  subscription: optional(text()),
};

function create(world: World, call: Call): Invoice {
  const params = readParams(CREATE, call.params);
  const customer = requireCustomer(world, params.customer);
  const at = Math.floor(customerNow(world, customer.id) / 1000) * 1000;
  const subscription = params.subscription ?? null;
  const owner = subscription === null ? undefined : world.state.subscriptions.get(subscription);
  if (subscription !== null && !owner) throw noSuch("subscription", subscription, { param: "subscription" });
  const row = openInvoice(
    world,
    {
      customer: customer.id,
      subscription,
      reason: "manual",
      currency: params.currency ?? owner?.wire.currency ?? "usd",
      at,
      periodFromS: seconds(at),
      periodToS: seconds(at),
      autoAdvance: params.auto_advance ?? false,
      collection: params.collection_method ?? "charge_automatically",
      daysUntilDue: params.collection_method === "send_invoice" ? (params.days_until_due ?? 30) : null,
      pullsPending: params.pending_invoice_items_behavior === "include",
      metadata: mergeMetadata({}, params.metadata),
      description: params.description ?? null,
    },
    () => {},
  );
  return renderInvoice(world, row);
}

const UPDATE = {
  auto_advance: optional(flag()),
  automatically_finalizes_at: optional(unixTime()),
  description: optional(clearable(text())),
  metadata: optional(metadata()),
};

function update(world: World, call: Call): Invoice {
  const row = requireInvoice(world, call);
  const params = readParams(UPDATE, call.params);
  const wire = { ...row.wire, metadata: mergeMetadata(row.wire.metadata ?? {}, params.metadata) };
  if (params.description !== undefined) wire.description = params.description;
  if (params.auto_advance !== undefined) {
    wire.auto_advance = params.auto_advance;
    const finalizesAt = wire.created + seconds(world.options.draftMs);
    wire.automatically_finalizes_at = params.auto_advance && wire.status === "draft" ? finalizesAt : null;
  }
  if (params.automatically_finalizes_at !== undefined) {
    const isAhead = params.automatically_finalizes_at > seconds(invoiceNow(world, row));
    if (wire.status !== "draft" || !isAhead) {
      throw invalidRequest("Only a draft can be finalized automatically, and only in the future.", {
        param: "automatically_finalizes_at",
      });
    }
    wire.automatically_finalizes_at = params.automatically_finalizes_at;
  }
  const changed = world.state.invoices.patch(row.id, { wire });
  tell(world, row.id, "invoice.updated", invoiceNow(world, row));
  return renderInvoice(world, changed);
}

function voidInvoice(world: World, call: Call): Invoice {
  const row = requireInvoice(world, call);
  if (row.wire.status !== "open") {
    throw invalidRequest("You can only pass in open invoices. This invoice isn't open.");
  }
  const at = invoiceNow(world, row);
  const transitions = { ...row.wire.status_transitions, voided_at: seconds(at) };
  const wire = { ...row.wire, status: "void" as const, amount_remaining: 0, status_transitions: transitions };
  const changed = world.state.invoices.patch(row.id, { wire });
  giveCreditsBack(world, row.id, at);
  tell(world, row.id, "invoice.voided", at);
  return renderInvoice(world, changed);
}

function remove(world: World, call: Call): Wire<Stripe.DeletedInvoice> {
  const row = requireInvoice(world, call);
  if (row.wire.status !== "draft" || row.subscription !== null) {
    throw invalidRequest("You can only delete draft invoices that are not of a subscription.");
  }
  for (const line of world.state.lines.by("invoice", row.id)) world.state.lines.delete(line.id);
  for (const item of world.state.invoiceItems.by("customer", row.customer)) {
    if (item.invoice === row.id) world.state.invoiceItems.delete(item.id);
  }
  world.state.invoices.delete(row.id);
  return { id: row.id, object: "invoice", deleted: true };
}

const LIST = {
  ...LIST_PARAMS,
  customer: optional(text()),
  subscription: optional(text()),
  status: optional(oneOf("draft", "open", "paid", "uncollectible", "void")),
};

function listInvoices(world: World, call: Call): WireList<Invoice> {
  const params = readParams(LIST, call.params);
  const rows = world.state.invoices
    .values()
    .filter((row) => params.customer === undefined || row.customer === params.customer)
    .filter((row) => params.subscription === undefined || row.subscription === params.subscription)
    .filter((row) => params.status === undefined || row.wire.status === params.status);
  return pageOf(rows.map((row) => renderInvoice(world, row)).reverse(), params, call.url);
}

function linesOf(world: World, invoice: InvoiceRecord): Wire<Stripe.InvoiceLineItem>[] {
  return world.state.lines.by("invoice", invoice.id).map((row) => row.wire);
}

/** `/v1/invoices` without previews, but for their further lines */
export const INVOICE_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/invoices", handle: create },
  { method: "GET", pattern: "/v1/invoices", handle: listInvoices },
  {
    method: "GET",
    pattern: "/v1/invoices/:id",
    handle: (world, call): Invoice => renderInvoice(world, requireInvoice(world, call)),
  },
  { method: "POST", pattern: "/v1/invoices/:id", handle: update },
  { method: "DELETE", pattern: "/v1/invoices/:id", handle: remove },
  {
    method: "GET",
    pattern: "/v1/invoices/:id/lines",
    handle: (world, call): WireList<Wire<Stripe.InvoiceLineItem>> => {
      const params = readParams(LIST_PARAMS, call.params);
      const rows = world.previews.get(pathPart(call, "id")) ?? linesOf(world, requireInvoice(world, call));
      return pageOf(rows, params, call.url);
    },
  },
  {
    method: "POST",
    pattern: "/v1/invoices/:id/finalize",
    handle: (world, call): Invoice => {
      const row = requireInvoice(world, call);
      const { auto_advance } = readParams({ auto_advance: optional(flag()) }, call.params);
      if (auto_advance !== undefined) world.state.invoices.patch(row.id, { wire: { ...row.wire, auto_advance } });
      return renderInvoice(world, finalizeInvoice(world, row.id, invoiceNow(world, row)));
    },
  },
  {
    method: "POST",
    pattern: "/v1/invoices/:id/pay",
    handle: (world, call): Invoice => {
      const row = requireInvoice(world, call);
      readParams({ paid_out_of_band: optional(flag()), off_session: optional(flag()) }, call.params);
      const at = invoiceNow(world, row);
      if (row.wire.status === "draft") finalizeInvoice(world, row.id, at);
      const current = requireInvoice(world, call);
      const isFresh = row.wire.status === "draft" && current.wire.status === "paid";
      return renderInvoice(world, isFresh ? current : payInvoice(world, row.id, at));
    },
  },
  { method: "POST", pattern: "/v1/invoices/:id/void", handle: voidInvoice },
];
