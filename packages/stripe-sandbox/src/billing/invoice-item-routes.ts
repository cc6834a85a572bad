import { decimal, formatDecimal } from "@meterline/billing-domain";
import type Stripe from "stripe";
import { requireCustomer } from "../catalog/customers.ts";
import { customerNow, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import {
  decimalText,
  flag,
  integer,
  mergeMetadata,
  metadata,
  object,
  optional,
  readParams,
  text,
  unixTime,
} from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";
import { addUp } from "./invoices.ts";
import { addInvoiceItem, attachInvoiceItem } from "./pending-items.ts";
import { priceQuantity } from "./price-quantity.ts";

type Item = Wire<Stripe.InvoiceItem>;

const CREATE = {
  customer: text(),
  amount: optional(integer()),
  currency: optional(text(3)),
  description: optional(text()),
  invoice: optional(text()),
  metadata: optional(metadata()),
  period: optional(object({ start: unixTime(), end: unixTime() })),
  pricing: optional(object({ price: optional(text()) })),
  quantity: optional(integer({ min: 0 })),
  quantity_decimal: optional(decimalText(12)),
  subscription: optional(text()),
};

function create(world: World, call: Call): Item {
  const params = readParams(CREATE, call.params);
  const customer = requireCustomer(world, params.customer);
  const nowS = seconds(customerNow(world, customer.id));
  const quantity = params.quantity_decimal ?? decimal(String(params.quantity ?? 1));
  const priceId = params.pricing?.price;
  const price = priceId === undefined ? undefined : world.state.prices.get(priceId)?.wire;
  if (priceId !== undefined && !price) throw noSuch("price", priceId, { param: "pricing[price]" });
  if ((price === undefined) === (params.amount === undefined)) {
    throw invalidRequest("You must specify exactly one of amount or pricing.", { param: "amount" });
  }
  if (price === undefined && params.currency === undefined) {
    throw invalidRequest("Missing required param: currency.", { code: "parameter_missing", param: "currency" });
  }
  const subscription = params.subscription ?? null;
  if (subscription !== null && !world.state.subscriptions.get(subscription)) {
    throw noSuch("subscription", subscription, { param: "subscription" });
  }
  const row = addInvoiceItem(world, {
    customer: customer.id,
    subscription,
    amount: price ? Number(priceQuantity(price, quantity).toFixed(0)) : (params.amount ?? 0),
    currency: price?.currency ?? params.currency?.toLowerCase() ?? "",
    description: params.description ?? null,
    quantity: formatDecimal(quantity),
    fromS: params.period?.start ?? nowS,
    toS: params.period?.end ?? nowS,
    price: price?.id ?? null,
    isProration: false,
    metadata: mergeMetadata({}, params.metadata),
  });
  if (params.invoice !== undefined) putOnDraft(world, row.id, params.invoice);
  return world.state.invoiceItems.get(row.id)?.wire ?? row.wire;
}

function putOnDraft(world: World, id: string, invoiceId: string): void {
  const invoice = world.state.invoices.get(invoiceId);
  if (!invoice) throw noSuch("invoice", invoiceId, { param: "invoice" });
  if (invoice.wire.status !== "draft") {
    throw invalidRequest("This invoice is no longer editable", { code: "invoice_not_editable", param: "invoice" });
  }
  const item = world.state.invoiceItems.get(id)?.wire;
  if (item?.currency !== invoice.wire.currency) {
    throw invalidRequest("The currency of the invoice item is not that of the invoice.", { param: "currency" });
  }
  attachInvoiceItem(world, id, invoiceId);
  addUp(world, invoiceId);
}

function remove(world: World, call: Call): Wire<Stripe.DeletedInvoiceItem> {
  const id = pathPart(call, "id");
  const row = world.state.invoiceItems.get(id);
  if (!row) throw noSuch("invoiceitem", id);
  if (row.invoice !== null) {
    if (world.state.invoices.get(row.invoice)?.wire.status !== "draft") {
      throw invalidRequest("This invoice is no longer editable", { code: "invoice_not_editable" });
    }
    for (const line of world.state.lines.by("invoice", row.invoice)) {
      if (line.wire.parent?.invoice_item_details?.invoice_item === id) world.state.lines.delete(line.id);
    }
    addUp(world, row.invoice);
  }
  world.state.invoiceItems.delete(id);
  return { id, object: "invoiceitem", deleted: true };
}

/** `/v1/invoiceitems` */
export const INVOICE_ITEM_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/invoiceitems", handle: create },
  {
    method: "GET",
    pattern: "/v1/invoiceitems",
    handle: (world, call): WireList<Item> => {
      const shape = {
        ...LIST_PARAMS,
        customer: optional(text()),
        invoice: optional(text()),
        pending: optional(flag()),
      };
      const params = readParams(shape, call.params);
      const rows = world.state.invoiceItems
        .values()
        .filter((row) => params.customer === undefined || row.customer === params.customer)
        .filter((row) => params.invoice === undefined || row.invoice === params.invoice)
        .filter((row) => params.pending === undefined || (row.invoice === null) === params.pending);
      return pageOf(rows.map((row) => row.wire).reverse(), params, call.url);
    },
  },
  {
    method: "GET",
    pattern: "/v1/invoiceitems/:id",
    handle: (world, call): Item => {
      const row = world.state.invoiceItems.get(pathPart(call, "id"));
      if (!row) throw noSuch("invoiceitem", pathPart(call, "id"));
      return row.wire;
    },
  },
  { method: "DELETE", pattern: "/v1/invoiceitems/:id", handle: remove },
];
