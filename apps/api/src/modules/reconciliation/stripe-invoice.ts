import { decimal, type EpochMs, type InvoiceLine } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { Stripe, StripeGateway } from "../../platform/stripe/index.ts";
import { meterKeysOfPrices } from "../stripe-catalog/index.ts";

/** Stripe's metadata field in which an invoice item names the statement's line that it is. */
export const lineKeyField = "meterline_line";

/** What of an invoice matters here. Amounts are minor units. */
export type ReadInvoice = {
  id: string;
  status: string;
  reason: string;
  currency: string;
  customerId: string;
  subscriptionId: string | null;
  createdAt: EpochMs;
  /** The end of the stretch whose usage is on it. */
  usageEndAt: EpochMs;
  isAutomatic: boolean;
  number: string | null;
  hostedUrl: string | null;
  pdfUrl: string | null;
  subtotalMinor: bigint;
  totalMinor: bigint;
  amountDueMinor: bigint;
  amountPaidMinor: bigint;
  /** A charge was tried and failed. */
  paymentFailed: boolean;
};

/** Reads an invoice as it is now. */
export async function readInvoice(gateway: StripeGateway, id: string): Promise<ReadInvoice> {
  return invoiceOf(await gateway.stripe.invoices.retrieve(id));
}

/** What of an invoice matters here, from Stripe's own object. */
export function invoiceOf(invoice: Stripe.Invoice): ReadInvoice {
  const { customer, parent } = invoice;
  const subscription = parent?.subscription_details?.subscription ?? null;
  return {
    id: invoice.id ?? "",
    status: invoice.status ?? "draft",
    reason: invoice.billing_reason ?? "manual",
    currency: invoice.currency.toUpperCase(),
    customerId: typeof customer === "string" ? customer : (customer?.id ?? ""),
    subscriptionId: typeof subscription === "string" ? subscription : (subscription?.id ?? null),
    createdAt: invoice.created * 1_000,
    usageEndAt: invoice.period_end * 1_000,
    isAutomatic: invoice.auto_advance ?? false,
    number: invoice.number,
    hostedUrl: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
    subtotalMinor: BigInt(invoice.subtotal),
    totalMinor: BigInt(invoice.total),
    amountDueMinor: BigInt(invoice.amount_due),
    amountPaidMinor: BigInt(invoice.amount_paid),
    paymentFailed: invoice.status === "open" && invoice.attempted && invoice.amount_remaining > 0,
  };
}

const linesAPage = 100;
/** Ten thousand lines: more than any statement makes. */
const maxPages = 100;

/** A line of an invoice as Stripe has it: with its price and the name that we gave its item. */
export type ReadInvoiceLine = Omit<InvoiceLine, "key"> & {
  priceId: string | null;
  lineKey: string | null;
  /** The invoice item that it came from; null for lines of a subscription's items. */
  itemId: string | null;
};

type LineList = { data: Stripe.InvoiceLineItem[]; has_more: boolean };
/** Asked before each GET; false when it must not be made. */
type Spend = () => boolean;

/** Reads every line of an invoice, page by page. */
export async function readInvoiceLines(gateway: StripeGateway, id: string): Promise<ReadInvoiceLine[]> {
  const lines = await allLines(gateway, { id, first: { data: [], has_more: true }, spend: () => true });
  return lines ?? [];
}

/** The lines after the first few that an invoice shows itself; null when not all of them could be read. */
async function allLines(
  gateway: StripeGateway,
  of: { id: string; first: LineList; spend: Spend },
): Promise<ReadInvoiceLine[] | null> {
  const lines = of.first.data.map(lineOf);
  let hasMore = of.first.has_more;
  for (let page = 0; hasMore; page += 1) {
    if (page === maxPages) throw new Error(`Invoice ${of.id} has more than ${linesAPage * maxPages} lines`);
    if (!of.spend()) return null;
    const after = lines.at(-1)?.id;
    const next = await gateway.stripe.invoices.listLineItems(of.id, {
      limit: linesAPage,
      ...(after === undefined ? {} : { starting_after: after }),
    });
    lines.push(...next.data.map(lineOf));
    hasMore = next.has_more && next.data.length > 0;
  }
  return lines;
}

/** An invoice with every line of it. */
export type WholeInvoice = { invoice: ReadInvoice; lines: ReadInvoiceLine[] };

/** Reads an invoice and its lines, at least one GET; null when `spend` gave too few. */
export async function readWholeInvoice(gateway: StripeGateway, id: string, spend: Spend): Promise<WholeInvoice | null> {
  if (!spend()) return null;
  const invoice = await gateway.stripe.invoices.retrieve(id);
  const lines = await allLines(gateway, { id, first: invoice.lines, spend });
  return lines === null ? null : { invoice: invoiceOf(invoice), lines };
}

/**
 * The next invoice of a subscription, as Stripe would make it now. It is a POST, of which there is no allowance (they
 * wait for the rate budget); lines past the first few are GETs.
 */
export async function readPreview(
  gateway: StripeGateway,
  stripeSubscriptionId: string,
  spend: Spend,
): Promise<WholeInvoice | null> {
  const preview = await gateway.stripe.invoices.createPreview({ subscription: stripeSubscriptionId });
  const lines = await allLines(gateway, { id: preview.id, first: preview.lines, spend });
  if (lines === null) return null;
  // A preview's lines have other ids each time; the same finding must have one name.
  const named = lines.map((line) => ({ ...line, id: line.itemId ?? line.priceId ?? line.id }));
  return { invoice: invoiceOf(preview), lines: named };
}

function lineOf(line: Stripe.InvoiceLineItem): ReadInvoiceLine {
  const price = line.pricing?.price_details?.price ?? null;
  return {
    id: line.id,
    description: line.description ?? "",
    // The SDK reads the exact quantity as a decimal of its own; its text is the number on the wire.
    quantity: quantityOf(line),
    amountMinor: BigInt(line.amount),
    priceId: typeof price === "string" ? price : (price?.id ?? null),
    lineKey: line.metadata?.[lineKeyField] ?? null,
    itemId: line.parent?.invoice_item_details?.invoice_item ?? null,
  };
}

function quantityOf(line: Stripe.InvoiceLineItem) {
  const exact = line.quantity_decimal ?? line.quantity;
  return exact === null || exact === undefined ? null : decimal(String(exact));
}

/** Names each of Stripe's lines by the line of ours that it must be: by the key on our items, else by its price. */
export async function keyInvoiceLines(sql: Sql, lines: readonly ReadInvoiceLine[]): Promise<InvoiceLine[]> {
  const priceIds = [...new Set(lines.flatMap((line) => line.priceId ?? []))];
  const prices = await meterKeysOfPrices(sql, priceIds);
  return lines.map((line) => {
    const meterKey = line.priceId === null ? undefined : prices.get(line.priceId);
    const byPrice = meterKey === undefined ? null : meterKey === null ? "base-fee" : `usage:${meterKey}`;
    return { ...line, key: line.lineKey ?? byPrice };
  });
}

/** An invoice list is read this far back for the one of a period. */
const invoicesToLookThrough = 20;

/** The invoice at which a subscription's period ended; null when Stripe has none (yet). */
export async function findPeriodInvoice(
  gateway: StripeGateway,
  of: { stripeSubscriptionId: string; endAt: EpochMs },
): Promise<ReadInvoice | null> {
  const { data } = await gateway.stripe.invoices.list({
    subscription: of.stripeSubscriptionId,
    limit: invoicesToLookThrough,
  });
  return data.map(invoiceOf).find((invoice) => endsPeriod(invoice, of.endAt)) ?? null;
}

/** Stripe may make the invoice of an end some minutes after it. */
const mostLateMs = 6 * 3_600_000;

/** Whether an invoice is the one of the period that ends at an instant. */
export function endsPeriod(invoice: ReadInvoice, endAt: EpochMs): boolean {
  if (invoice.reason === "subscription_create" || invoice.status === "void") return false;
  if (invoice.reason === "subscription_cycle") return invoice.usageEndAt === endAt;
  // A plan that is changed or cancelled at once is invoiced then and there.
  return invoice.reason === "subscription_update" && Math.abs(invoice.createdAt - endAt) <= mostLateMs;
}
