import { customerPeriodAt, type EpochMs, type Window } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import { classifyStripeError, type StripeGateway } from "../../platform/stripe/index.ts";
import type { HandlerAnswer, StripeWebhookEvent, WebhookHandlers } from "../../platform/stripe/webhooks/index.ts";
import { type BillingProfile, type SubscriptionRow, selectProfiles } from "../catalog/index.ts";
import { endsPeriod, type ReadInvoice, readInvoice, writeDiscrepancy } from "../reconciliation/index.ts";
import type { PeriodLinks } from "./period-end.ports.ts";
import type { PeriodEndService } from "./period-end.service.ts";
import { writeStartStatement } from "./statement-writer.ts";
import { savePayment, statementOfInvoice } from "./statement.repository.ts";

/** What the handlers stand on. */
export type InvoiceNoticeParts = {
  database: Database;
  gateway: StripeGateway;
  links: PeriodLinks;
  periodEnds: PeriodEndService;
  clock: Clock;
};

/** What Stripe tells of invoices that changes something here. */
export const invoiceEventTypes = [
  "invoice.created",
  "invoice.finalized",
  "invoice.finalization_failed",
  "invoice.updated",
  "invoice.paid",
  "invoice.payment_failed",
  "invoice.voided",
  "invoice.marked_uncollectible",
  "invoice.deleted",
] as const;

/** Registers who works what Stripe tells of invoices. Each reads the invoice again: events come twice and out of order. */
export function watchInvoices(handlers: WebhookHandlers, parts: InvoiceNoticeParts): void {
  for (const type of invoiceEventTypes) handlers.on(type, (event) => onInvoice(event, parts));
}

/** Stripe's metadata field in which a subscription that was made here names ours (stripe-customers). */
const subscriptionField = "meterline_subscription";

async function onInvoice(event: StripeWebhookEvent, parts: InvoiceNoticeParts): Promise<HandlerAnswer> {
  if (event.objectId === null) return { ignored: "It names no invoice." };
  const invoice = await invoiceNow(event.objectId, parts);
  if (invoice === null) return { ignored: "The invoice is not there any more." };
  const statement = await statementOfInvoice(parts.database, invoice.id);
  if (statement !== null) {
    await savePayment(parts.database, statement, invoice, parts.clock.now());
    if (invoice.status === "void") await tellOfVoid(invoice, statement, parts);
    return { did: `Invoice ${invoice.id} of a statement is ${invoice.status}.` };
  }
  return placeInvoice(invoice, parts);
}

async function invoiceNow(id: string, { gateway }: InvoiceNoticeParts): Promise<ReadInvoice | null> {
  try {
    return await readInvoice(gateway, id);
  } catch (error) {
    if (classifyStripeError(error).kind === "PERMANENT") return null;
    throw error;
  }
}

/** Finds out what a new invoice is: the end of a period, the start of a subscription, or one that nobody here expects. */
async function placeInvoice(invoice: ReadInvoice, parts: InvoiceNoticeParts): Promise<HandlerAnswer> {
  const { database, links } = parts;
  const owner = invoice.subscriptionId === null ? null : await links.ofStripe(database, invoice.subscriptionId);
  if (invoice.subscriptionId === null) return { ignored: "It is of no subscription." };
  if (owner === null) {
    const { metadata } = await parts.gateway.stripe.subscriptions.retrieve(invoice.subscriptionId);
    // Stripe tells of the first invoice before the answer to the call that made its subscription is written down.
    if (metadata[subscriptionField] !== undefined) throw new Error("Its subscription is not linked yet");
    return { ignored: "It is of no subscription of ours." };
  }
  const [profile] = await selectProfiles(database, { ids: [owner.customerId], externalIds: [] });
  invariant(profile, `customer ${owner.customerId} is there`);
  const own = profile.subscriptions.filter((one) => owner.subscriptionIds.includes(one.id));
  if (invoice.reason === "subscription_create") return beginStart(invoice, { profile, own }, parts);
  const ended = endedPeriod(invoice, profile, own);
  if (ended === null) return tellOfUnexpected(invoice, profile, parts);
  const about = {
    customerId: profile.customerId,
    subscriptionId: ended.term.id,
    stripeSubscriptionId: invoice.subscriptionId,
    stripeInvoiceId: invoice.id,
  };
  await parts.periodEnds.begin(database, { ...about, kind: "PERIOD_END", window: ended.window });
  return { did: `The period that ended at ${new Date(ended.window.endAt).toISOString()} is being closed.` };
}

type Owned = { profile: BillingProfile; own: readonly SubscriptionRow[] };

/** The period of a subscription that an invoice ends, or null. */
function endedPeriod(
  invoice: ReadInvoice,
  profile: BillingProfile,
  own: readonly SubscriptionRow[],
): { window: Window; term: SubscriptionRow } | null {
  const ends: EpochMs[] = [invoice.usageEndAt, ...own.flatMap((term) => term.endsAt ?? [])];
  for (const endAt of ends) {
    const { window, term } = customerPeriodAt(profile.subscriptions, endAt - 1);
    const isOwn = term !== null && own.some((one) => one.id === term.id);
    if (isOwn && window.endAt === endAt && endsPeriod(invoice, endAt)) return { window, term };
  }
  return null;
}

async function beginStart(
  invoice: ReadInvoice,
  { profile, own }: Owned,
  parts: InvoiceNoticeParts,
): Promise<HandlerAnswer> {
  const [first] = own.toSorted((left, right) => left.startsAt - right.startsAt);
  if (first === undefined || invoice.subscriptionId === null) return { ignored: "Its subscription is not ours yet." };
  const period = customerPeriodAt(profile.subscriptions, Math.max(first.startsAt, minuteOf(invoice.createdAt)));
  const { term, window } = period;
  if (term === null) return tellOfUnexpected(invoice, profile, parts);
  const closing = {
    customerId: profile.customerId,
    kind: "START" as const,
    window,
    subscriptionId: term.id,
    stripeSubscriptionId: invoice.subscriptionId,
    stripeInvoiceId: invoice.id,
  };
  await parts.database.transaction(async (transaction) => {
    await writeStartStatement(transaction, { profile, period: { ...period, term }, now: parts.clock.now() });
    await parts.periodEnds.begin(transaction, closing);
  });
  return { did: "The first invoice of a subscription is held against its statement." };
}

/** Nothing of ours is about it, such as one that was made by hand or by a threshold: staff should know. */
async function tellOfUnexpected(
  invoice: ReadInvoice,
  profile: BillingProfile,
  parts: InvoiceNoticeParts,
): Promise<HandlerAnswer> {
  if (invoice.totalMinor === 0n && invoice.subtotalMinor === 0n) return { ignored: "An invoice of nothing." };
  const { customerId } = profile;
  await writeDiscrepancy(
    parts.database,
    {
      customerId,
      kind: "UNEXPECTED_INVOICE",
      subject: `invoice:${invoice.id}`,
      stripeId: invoice.id,
      amount: { amountMinor: invoice.subtotalMinor, currency: invoice.currency },
      currency: invoice.currency,
      message: `Stripe made an invoice (${invoice.reason}) that no statement is about.`,
      state: "TICKET",
      ...unitless,
    },
    { now: parts.clock.now(), runId: null },
  );
  return { did: "It is not what any statement is about, and waits for staff." };
}

async function tellOfVoid(
  invoice: ReadInvoice,
  statement: { customerId: string; id: string },
  parts: InvoiceNoticeParts,
): Promise<void> {
  const { customerId, id } = statement;
  await writeDiscrepancy(
    parts.database,
    {
      customerId,
      kind: "INVOICE_VOIDED",
      subject: `invoice:${invoice.id}`,
      stripeId: invoice.id,
      amount: { amountMinor: -invoice.totalMinor, currency: invoice.currency },
      currency: invoice.currency,
      message: "The invoice of a statement was voided in Stripe: the customer owes nothing for it any more.",
      state: "TICKET",
      ...unitless,
      statementId: id,
    },
    { now: parts.clock.now(), runId: null },
  );
}

const unitless = { meterKey: null, periodStartAt: null, statementId: null, expectedUnits: null, actualUnits: null };

const minuteOf = (at: EpochMs): EpochMs => Math.floor(at / 60_000) * 60_000;
