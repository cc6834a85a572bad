import { decimal, formatDecimal } from "@meterline/billing-domain";
import type Stripe from "stripe";
import type { InvoiceItemRecord } from "../core/records.ts";
import { newId, scopeNow, type World } from "../core/world.ts";
import { idOf, seconds, type Wire } from "../wire/wire.ts";
import { addLine, priceOf } from "./lines.ts";

/** What an invoice item is made from. The amount is in minor units and may be negative. */
export type InvoiceItemContent = {
  customer: string;
  subscription: string | null;
  amount: number;
  currency: string;
  description: string | null;
  quantity: string;
  fromS: number;
  toS: number;
  price: string | null;
  isProration: boolean;
  metadata: Record<string, string>;
};

/** Adds an item that waits for the customer's next invoice. */
export function addInvoiceItem(world: World, content: InvoiceItemContent): InvoiceItemRecord {
  const testClock = world.state.customers.get(content.customer)?.testClock ?? null;
  const price = content.price === null ? null : priceOf(world, content.price);
  const { subscription } = content;
  const wire: Wire<Stripe.InvoiceItem> = {
    id: newId(world, "ii"),
    object: "invoiceitem",
    amount: content.amount,
    currency: content.currency,
    customer: content.customer,
    customer_account: null,
    date: seconds(scopeNow(world, testClock)),
    description: content.description,
    discountable: true,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: content.metadata,
    net_amount: content.amount,
    parent: subscription === null ? null : { type: "subscription_details", subscription_details: { subscription } },
    period: { start: content.fromS, end: content.toS },
    pricing: price && {
      type: "price_details",
      price_details: { price: price.id, product: idOf(price.product) },
      unit_amount_decimal: price.unit_amount_decimal,
    },
    proration: content.isProration,
    quantity: Math.trunc(Number(content.quantity)),
    quantity_decimal: content.quantity,
    tax_rates: [],
    test_clock: testClock,
  };
  return world.state.invoiceItems.put({ id: wire.id, customer: content.customer, invoice: null, subscription, wire });
}

/** Moves an item onto a draft, as a line. */
export function attachInvoiceItem(world: World, id: string, invoice: string): void {
  const row = world.state.invoiceItems.get(id);
  if (!row) throw new Error(`invoice item ${id} is gone`);
  const { wire } = row;
  addLine(world, {
    invoice,
    amount: wire.amount,
    currency: wire.currency,
    description: wire.description ?? "",
    quantity: decimal(formatDecimal(decimal(wire.quantity_decimal))),
    fromS: wire.period.start,
    toS: wire.period.end,
    price: wire.pricing?.price_details ? idOf(wire.pricing.price_details.price) : null,
    subscription: row.subscription,
    metadata: wire.metadata ?? {},
    parent: {
      type: "invoice_item_details",
      subscription_item_details: null,
      invoice_item_details: {
        invoice_item: id,
        proration: wire.proration,
        proration_details: null,
        subscription: row.subscription,
      },
    },
  });
  world.state.invoiceItems.patch(id, { invoice, wire: { ...wire, invoice } });
}

/** Takes the waiting items of a customer: those of the invoice's subscription and those of none. */
export function pullInvoiceItems(
  world: World,
  invoice: { id: string; customer: string; subscription: string | null; currency: string },
): void {
  for (const row of world.state.invoiceItems.by("customer", invoice.customer)) {
    const isWaiting = row.invoice === null && row.wire.currency === invoice.currency;
    const isOurs = row.subscription === null || row.subscription === invoice.subscription;
    if (isWaiting && isOurs) attachInvoiceItem(world, row.id, invoice.id);
  }
}
