import { roundToCharge } from "@meterline/billing-domain";
import type { InvoiceRecord } from "../core/records.ts";
import type { EpochMs } from "../core/time.ts";
import { newId, scopeNow, type World } from "../core/world.ts";
import { invalidRequest } from "../wire/errors.ts";
import { seconds } from "../wire/wire.ts";
import { applyCredits, creditOf } from "./apply-credits.ts";
import { measureAgain } from "./lines.ts";
import { type InvoiceContent, newInvoiceWire } from "./new-invoice.ts";
import { cardDeclined, failPayment, isDeclined, paymentArrived } from "./payments.ts";
import { pullInvoiceItems } from "./pending-items.ts";
import { requireRow, tell } from "./tell-invoice.ts";

export { renderInvoice, tell } from "./tell-invoice.ts";

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
  const amountDue = dueOf(row.wire.currency, total + row.wire.starting_balance);
  const sums = { subtotal, subtotal_excluding_tax: subtotal, total, total_excluding_tax: total };
  const due = { amount_due: amountDue, amount_remaining: amountDue };
  world.state.invoices.patch(id, { wire: { ...row.wire, ...sums, ...due } });
}

/**
 * What is asked of an amount that is owed: nothing of a credit, and of the rest what can be charged in the currency (three
 * decimals in steps of ten, https://docs.stripe.com/currencies). The difference stays on the customer's balance.
 */
function dueOf(currency: string, owed: number): number {
  if (owed <= 0) return 0;
  const code = currency.toUpperCase();
  return Number(roundToCharge({ amountMinor: BigInt(owed), currency: code }).amountMinor);
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
  const ending = wire.total + wire.starting_balance - wire.amount_due;
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
  return isCharged || wire.amount_due === 0 ? chargeInvoice(world, id, at) : requireRow(world, id);
}

/** Charges an open invoice by itself: it is paid, or stays open to be tried again. */
export function chargeInvoice(world: World, id: string, at: EpochMs): InvoiceRecord {
  const row = requireRow(world, id);
  if (row.wire.amount_due === 0 || !isDeclined(world, row.customer)) return payInvoice(world, id, at);
  failPayment(world, row, at);
  return requireRow(world, id);
}

function finalizedCount(world: World, customer: string): number {
  return world.state.invoices.by("customer", customer).filter((row) => row.wire.number !== null).length;
}

/** Open → paid. @throws ApiError 402 when the customer's card declines */
export function payInvoice(world: World, id: string, at: EpochMs): InvoiceRecord {
  const { wire } = requireRow(world, id);
  if (wire.status === "paid") throw invalidRequest("Invoice is already paid");
  if (wire.status !== "open") throw invalidRequest(`You cannot pay an invoice with status ${wire.status}.`);
  if (wire.amount_due > 0 && isDeclined(world, requireRow(world, id).customer)) throw cardDeclined();
  world.state.invoices.patch(id, {
    wire: {
      ...wire,
      status: "paid",
      amount_paid: wire.amount_due - wire.pre_payment_credit_notes_amount,
      amount_remaining: 0,
      attempted: true,
      attempt_count: wire.amount_due === 0 ? 0 : wire.attempt_count + 1,
      next_payment_attempt: null,
      status_transitions: { ...wire.status_transitions, paid_at: seconds(at) },
    },
  });
  tell(world, id, "invoice.paid", at);
  tell(world, id, "invoice.payment_succeeded", at);
  paymentArrived(world, requireRow(world, id), at);
  return requireRow(world, id);
}

/** The time that an invoice lives in. */
export function invoiceNow(world: World, row: InvoiceRecord): EpochMs {
  return scopeNow(world, row.testClock);
}
