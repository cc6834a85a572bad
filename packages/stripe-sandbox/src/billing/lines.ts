import { type Decimal, decimal, formatDecimal, ZERO } from "@meterline/billing-domain";
import type Stripe from "stripe";
import type { ItemRecord, LineRecord, UsageSource } from "../core/records.ts";
import { newId, type World } from "../core/world.ts";
import { aggregateUsage } from "../usage/aggregate-usage.ts";
import { legacyQuantity } from "../usage/legacy-usage.ts";
import { idOf, type Wire } from "../wire/wire.ts";
import { priceQuantity } from "./price-quantity.ts";

type Line = Wire<Stripe.InvoiceLineItem>;

/** What a line is made from. The amount is in minor units. */
export type LineContent = {
  invoice: string;
  amount: number;
  currency: string;
  description: string;
  quantity: Decimal;
  fromS: number;
  toS: number;
  price: string | null;
  subscription: string | null;
  parent: Line["parent"];
  metadata?: Record<string, string>;
  usage?: UsageSource;
};

/** The price of an item. */
export function priceOf(world: World, id: string): Wire<Stripe.Price> {
  const row = world.state.prices.get(id);
  if (!row) throw new Error(`price ${id} is gone`);
  return row.wire;
}

/** Whether usage decides the quantity. */
export function isMetered(price: Wire<Stripe.Price>): boolean {
  return price.recurring?.usage_type === "metered";
}

/** Adds a line to an invoice. */
export function addLine(world: World, content: LineContent): LineRecord {
  const price = content.price === null ? null : priceOf(world, content.price);
  const wire: Line = {
    id: newId(world, "il"),
    object: "line_item",
    amount: content.amount,
    currency: content.currency,
    description: content.description,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: content.invoice,
    livemode: false,
    metadata: content.metadata ?? {},
    parent: content.parent,
    period: { start: content.fromS, end: content.toS },
    pretax_credit_amounts: [],
    pricing: price && {
      type: "price_details",
      price_details: { price: price.id, product: idOf(price.product) },
      unit_amount_decimal: price.unit_amount_decimal,
    },
    ...quantities(content.quantity),
    subscription: content.subscription,
    subtotal: content.amount,
    taxes: [],
  };
  return world.state.lines.put({ id: wire.id, invoice: content.invoice, usage: content.usage ?? null, wire });
}

/** Both fields of a quantity; the integer one is cut off, not rounded. */
function quantities(quantity: Decimal): { quantity: number; quantity_decimal: string } {
  return { quantity: Math.trunc(Number(formatDecimal(quantity))), quantity_decimal: formatDecimal(quantity) };
}

/** The usage that a source measures, never below zero: a negative total is invoiced as quantity 0. */
export function usageQuantity(world: World, source: UsageSource): Decimal {
  const meter = priceOf(world, source.price).recurring?.meter;
  const { customer, fromS, toS } = source;
  if (meter == null) {
    const aggregate = world.state.prices.get(source.price)?.legacyAggregate ?? "sum";
    return legacyQuantity(world, { item: source.item, aggregate, fromS, toS });
  }
  const measured = aggregateUsage(world, { meter, customer, fromS, toS });
  return measured === null || measured.lt(ZERO) ? ZERO : measured;
}

/** Adds the metered line of an item for usage from `fromS` (inclusive) to `toS` (exclusive). */
export function addUsageLine(world: World, invoice: string, item: ItemRecord, span: UsageSource): LineRecord {
  const price = priceOf(world, span.price);
  const quantity = usageQuantity(world, span);
  return addLine(world, {
    invoice,
    amount: Number(priceQuantity(price, quantity, world.options.graduatedRounding).toFixed(0)),
    currency: price.currency,
    description: `Usage of ${price.nickname ?? price.id}`,
    quantity,
    fromS: span.fromS,
    toS: span.toS,
    price: price.id,
    subscription: item.subscription,
    parent: itemParent(item),
    usage: span,
  });
}

/** Adds the line of a licensed item for a period; `share` of a full one for a shorter first period. */
export function addLicensedLine(
  world: World,
  invoice: string,
  item: ItemRecord,
  span: { fromS: number; toS: number; share?: Decimal },
): LineRecord {
  const price = priceOf(world, item.price);
  const quantity = decimal(String(item.quantity ?? 1));
  const full = priceQuantity(price, quantity, world.options.graduatedRounding);
  return addLine(world, {
    invoice,
    amount: Number((span.share ? full.times(span.share).round(0, 1) : full).toFixed(0)),
    currency: price.currency,
    description: `${item.quantity ?? 1} × ${price.nickname ?? price.id}`,
    quantity,
    fromS: span.fromS,
    toS: span.toS,
    price: price.id,
    subscription: item.subscription,
    parent: itemParent(item),
  });
}

function itemParent(item: ItemRecord): Line["parent"] {
  return {
    type: "subscription_item_details",
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: null,
      subscription: item.subscription,
      subscription_item: item.id,
    },
  };
}

/** Reads the usage of a metered line again; lines of another kind stay as they are. */
export function measureAgain(world: World, line: LineRecord): void {
  if (!line.usage) return;
  const quantity = usageQuantity(world, line.usage);
  const price = priceOf(world, line.usage.price);
  const amount = Number(priceQuantity(price, quantity, world.options.graduatedRounding).toFixed(0));
  world.state.lines.patch(line.id, { wire: { ...line.wire, amount, subtotal: amount, ...quantities(quantity) } });
}
