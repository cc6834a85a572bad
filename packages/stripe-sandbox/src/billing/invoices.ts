import type Stripe from "stripe";
import type { InvoiceRecord } from "../core/records.ts";
import type { EpochMs } from "../core/time.ts";
import { newId, scopeNow, type World } from "../core/world.ts";
import { pageOf } from "../http/pagination.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest } from "../wire/errors.ts";
import { seconds, type Wire } from "../wire/wire.ts";
import { applyCredits, creditOf } from "./apply-credits.ts";
import { measureAgain } from "./lines.ts";
import { type InvoiceContent, newInvoiceWire } from "./new-invoice.ts";
import { pullInvoiceItems } from "./pending-items.ts";

type Invoice = Wire<Stripe.Invoice>;

/** An invoice with its first lines, as it is sent. */
export function renderInvoice(world: World, row: InvoiceRecord): Invoice {
  const lines = world.state.lines.by("invoice", row.id).map((line) => line.wire);
  return {
    ...row.wire,
    webhooks_delivered_at: answeredS(world, row),
    lines: pageOf(lines, {}, `/v1/invoices/${row.id}/lines`),
  };
}

/** When the last endpoint took `invoice.created`, on the wall clock; at once when none listens, null while one has not. */
function answeredS(world: World, row: InvoiceRecord): number | null {
  if (row.createdEvent === null) return null;
  const deliveries = world.state.deliveries.by("event", row.createdEvent);
  if (deliveries.length === 0) return row.wire.created;
  if (deliveries.some((delivery) => delivery.state !== "delivered")) return null;
  return seconds(Math.max(...deliveries.map((delivery) => delivery.answeredAt ?? 0)));
}

/** Opens a draft. `fill` adds its lines before the event tells of it. */
export function openInvoice(world: World, content: InvoiceContent, fill: (invoice: string) => void): InvoiceRecord {
  const id = newId(world, "in");
  const customer = world.state.customers.get(content.customer);
  if (!customer) throw invalidRequest(`No such customer: '${content.customer}'`, { code: "resource_missing" });
  const wire = newInvoiceWire(id, customer.wire, content, world.options.draftMs);
  const { customer: owner, subscription } = content;
  const row = { id, customer: owner, subscription, testClock: customer.testClock, createdEvent: null, wire };
  world.state.invoices.put(row);
  fill(id);
  if (content.pullsPending) pullInvoiceItems(world, { id, customer: owner, subscription, currency: content.currency });
  addUp(world, id);
  const createdEvent = tell(world, id, "invoice.created", content.at);
  return world.state.invoices.patch(id, { createdEvent });
}

/** Sums the lines of a draft anew. */
export function addUp(world: World, id: string): void {
  const row = requireRow(world, id);
  const lines = world.state.lines.by("invoice", id);
  const subtotal = lines.reduce((sum, line) => sum + line.wire.amount, 0);
  const total = subtotal - lines.reduce((sum, line) => sum + creditOf(line), 0);
  // A balance below zero is credit; what an invoice does not use up stays there.
  const owed = total + row.wire.starting_balance;
  const amountDue = Math.max(0, owed);
  const sums = { subtotal, subtotal_excluding_tax: subtotal, total, total_excluding_tax: total };
  const due = { amount_due: amountDue, amount_remaining: amountDue };
  world.state.invoices.patch(id, { wire: { ...row.wire, ...sums, ...due } });
}

/** Draft → open (and paid, when nothing is due or it is charged automatically). Late usage comes in here. */
export function finalizeInvoice(world: World, id: string, at: EpochMs): InvoiceRecord {
  const draft = requireRow(world, id);
  if (draft.wire.status !== "draft") {
    throw invalidRequest("This invoice is already finalized, you can't re-finalize a non-draft invoice.");
  }
  for (const line of world.state.lines.by("invoice", id)) measureAgain(world, line);
  applyCredits(world, id, at);
  addUp(world, id);
  const { wire } = requireRow(world, id);
  const customer = world.state.customers.get(draft.customer);
  const ending = Math.min(0, wire.total + wire.starting_balance);
  if (customer) world.state.customers.patch(customer.id, { wire: { ...customer.wire, balance: ending } });
  const dueDays = wire.due_date === null ? null : wire.due_date - wire.created;
  world.state.invoices.patch(id, {
    wire: {
      ...wire,
      status: "open",
      automatically_finalizes_at: null,
      effective_at: seconds(at),
      ending_balance: ending,
      due_date: dueDays === null ? null : seconds(at) + dueDays,
      number: `${customer?.wire.invoice_prefix ?? "NONE"}-${String(finalizedCount(world, draft.customer) + 1).padStart(4, "0")}`,
      hosted_invoice_url: `https://invoice.stripe.com/i/sandbox/${id}`,
      invoice_pdf: `https://pay.stripe.com/invoice/sandbox/${id}/pdf`,
      status_transitions: { ...wire.status_transitions, finalized_at: seconds(at) },
    },
  });
  tell(world, id, "invoice.finalized", at);
  const isCharged = wire.collection_method === "charge_automatically" && wire.auto_advance === true;
  return isCharged || wire.amount_due === 0 ? payInvoice(world, id, at) : requireRow(world, id);
}

function finalizedCount(world: World, customer: string): number {
  return world.state.invoices.by("customer", customer).filter((row) => row.wire.number !== null).length;
}

/** Open → paid. Payments always succeed here. */
export function payInvoice(world: World, id: string, at: EpochMs): InvoiceRecord {
  const { wire } = requireRow(world, id);
  if (wire.status === "paid") throw invalidRequest("Invoice is already paid");
  if (wire.status !== "open") throw invalidRequest(`You cannot pay an invoice with status ${wire.status}.`);
  world.state.invoices.patch(id, {
    wire: {
      ...wire,
      status: "paid",
      amount_paid: wire.amount_due - wire.pre_payment_credit_notes_amount,
      amount_remaining: 0,
      attempted: true,
      attempt_count: wire.amount_due === 0 ? 0 : 1,
      status_transitions: { ...wire.status_transitions, paid_at: seconds(at) },
    },
  });
  tell(world, id, "invoice.paid", at);
  tell(world, id, "invoice.payment_succeeded", at);
  return requireRow(world, id);
}

/** Sends an event with the invoice as it now is. */
export function tell(world: World, id: string, type: string, at: EpochMs): string {
  return emitSnapshot(world, type, renderInvoice(world, requireRow(world, id)), at);
}

/** The time that an invoice lives in. */
export function invoiceNow(world: World, row: InvoiceRecord): EpochMs {
  return scopeNow(world, row.testClock);
}

function requireRow(world: World, id: string): InvoiceRecord {
  const row = world.state.invoices.get(id);
  if (!row) throw new Error(`invoice ${id} is gone`);
  return row;
}
