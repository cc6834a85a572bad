import type Stripe from "stripe";
import type { InvoiceRecord } from "../core/records.ts";
import type { World } from "../core/world.ts";
import { invalidRequest } from "../wire/errors.ts";
import { seconds, type Wire } from "../wire/wire.ts";
import { invoiceNow, tell } from "./invoices.ts";

/** Where the money of a credit on a paid invoice goes. Minor units. */
export type CreditSplit = {
  credit_amount?: number | undefined;
  refund_amount?: number | undefined;
  out_of_band_amount?: number | undefined;
};

/** An open invoice asks for less; the credit on a paid one goes where the caller says, all of it. */
export function settleCredit(
  world: World,
  invoice: InvoiceRecord,
  note: Wire<Stripe.CreditNote>,
  split: CreditSplit,
): void {
  const { wire } = invoice;
  const credited = wire.pre_payment_credit_notes_amount + wire.post_payment_credit_notes_amount;
  if (note.total > wire.total - credited) {
    throw invalidRequest("The credit note's amount is larger than what is left to credit on the invoice.", {
      param: "amount",
    });
  }
  if (wire.status === "open") settleOpen(world, invoice, note);
  else settlePaid(world, invoice, note, split);
}

function settleOpen(world: World, invoice: InvoiceRecord, note: Wire<Stripe.CreditNote>): void {
  const { wire } = invoice;
  const remaining = wire.amount_remaining - note.total;
  if (remaining < 0) throw invalidRequest("The credit note's amount is larger than what is due.", { param: "amount" });
  const at = invoiceNow(world, invoice);
  const isPaid = remaining === 0;
  world.state.invoices.patch(invoice.id, {
    wire: {
      ...wire,
      amount_remaining: remaining,
      pre_payment_credit_notes_amount: wire.pre_payment_credit_notes_amount + note.total,
      status: isPaid ? "paid" : "open",
      status_transitions: { ...wire.status_transitions, paid_at: isPaid ? seconds(at) : null },
    },
  });
  tell(world, invoice.id, isPaid ? "invoice.paid" : "invoice.updated", at);
}

function settlePaid(world: World, invoice: InvoiceRecord, note: Wire<Stripe.CreditNote>, split: CreditSplit): void {
  const { credit_amount: toBalance = 0, refund_amount: refunded = 0, out_of_band_amount: outside = 0 } = split;
  if (toBalance + refunded + outside !== note.total) {
    throw invalidRequest(
      "The sum of credit_amount, refund_amount and out_of_band_amount must equal the credit note's amount.",
      { param: "credit_amount" },
    );
  }
  const { wire } = invoice;
  const credited = wire.post_payment_credit_notes_amount + note.total;
  world.state.invoices.patch(invoice.id, { wire: { ...wire, post_payment_credit_notes_amount: credited } });
  const customer = world.state.customers.get(invoice.customer);
  if (!customer || toBalance === 0) return;
  // Below zero is credit: the next invoice asks for less.
  const balance = customer.wire.balance - toBalance;
  world.state.customers.patch(customer.id, { wire: { ...customer.wire, balance } });
}
