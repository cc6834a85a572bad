import { expect, test } from "vitest";
import { hybrid } from "../testing/hybrid.ts";
import { refusal, START_S, testSandbox } from "../testing/start.ts";

const HOUR_S = 3_600;
const RENEWAL_S = Date.UTC(2026, 11, 2) / 1000;

test("an open invoice asks for less by the credit, and is paid when nothing is left", async () => {
  const { stripe } = await testSandbox();
  const { id: customer } = await stripe.customers.create();
  const draft = await stripe.invoices.create({ customer, collection_method: "send_invoice" });
  await stripe.invoiceItems.create({ customer, amount: 1000, currency: "usd", invoice: draft.id });
  expect((await refusal(stripe.creditNotes.create({ invoice: draft.id, amount: 1 }))).param).toBe("invoice");
  const open = await stripe.invoices.finalizeInvoice(draft.id);
  const line = { type: "invoice_line_item", invoice_line_item: open.lines.data[0]!.id, amount: 400 } as const;
  const preview = await stripe.creditNotes.preview({ invoice: open.id, lines: [line] });
  expect([preview.total, (await stripe.invoices.retrieve(open.id)).amount_remaining]).toEqual([400, 1000]);
  const note = await stripe.creditNotes.create({ invoice: open.id, lines: [line] });
  expect([note.type, note.total, note.lines.data[0]?.invoice_line_item]).toEqual([
    "pre_payment",
    400,
    line.invoice_line_item,
  ]);
  expect((await stripe.invoices.retrieve(open.id)).amount_remaining).toBe(600);
  expect((await refusal(stripe.creditNotes.create({ invoice: open.id, amount: 601 }))).param).toBe("amount");
  await stripe.creditNotes.create({ invoice: open.id, amount: 600 });
  expect((await stripe.invoices.retrieve(open.id)).status).toBe("paid");
  expect((await stripe.creditNotes.list({ invoice: open.id })).data).toHaveLength(2);
});

test("a paid invoice: the whole credit must go somewhere, and what goes to the balance lowers the next invoice", async () => {
  const { stripe, customer, advanceTo, invoices } = await hybrid();
  const [first] = await invoices();
  const invoice = first!.id;
  expect((await refusal(stripe.creditNotes.create({ invoice, amount: 500, credit_amount: 499 }))).param).toBe(
    "credit_amount",
  );
  await stripe.creditNotes.create({ invoice, amount: 500, credit_amount: 300, refund_amount: 200 });
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -300 });
  await advanceTo(RENEWAL_S + HOUR_S);
  const [next] = await invoices();
  expect([next?.total, next?.amount_due, next?.ending_balance]).toEqual([2000, 1700, 0]);
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: 0 });
  expect(next?.period_start).toBe(START_S);
});
