import { expect, test } from "vitest";
import { hybrid } from "../testing/hybrid.ts";
import { listen } from "../testing/listener.ts";
import { DAY_S, refusal, START_S, testSandbox } from "../testing/start.ts";

const HOUR_S = 3_600;
const RENEWAL_S = Date.UTC(2026, 11, 2) / 1000;

type World = Awaited<ReturnType<typeof hybrid>>;

async function putOnFile({ stripe, customer }: Pick<World, "stripe" | "customer">, card: string): Promise<void> {
  const { id } = await stripe.paymentMethods.attach(card, { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
}

test("a renewal that is declined stays open and is tried again; the subscription waits, and goes on when it is paid", async () => {
  const made = await hybrid();
  const { stripe, subscription, advanceTo, invoices } = made;
  await putOnFile(made, "pm_card_chargeCustomerFail");
  await advanceTo(RENEWAL_S + HOUR_S);
  const [failed] = await invoices();
  expect(failed).toMatchObject({
    status: "open",
    attempted: true,
    attempt_count: 1,
    next_payment_attempt: RENEWAL_S + HOUR_S + 3 * DAY_S,
  });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("past_due");
  expect(await refusal(stripe.invoices.pay(failed?.id ?? ""))).toMatchObject({
    statusCode: 402,
    code: "card_declined",
  });
  await advanceTo(RENEWAL_S + HOUR_S + 3 * DAY_S);
  expect((await invoices())[0]?.attempt_count).toBe(2);
  await putOnFile(made, "pm_card_visa");
  await advanceTo(RENEWAL_S + HOUR_S + 6 * DAY_S);
  expect((await invoices())[0]).toMatchObject({ status: "paid", attempt_count: 3, next_payment_attempt: null });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
});

test("after four attempts nobody tries again", async () => {
  const made = await hybrid();
  await putOnFile(made, "pm_card_chargeCustomerFail");
  await made.advanceTo(RENEWAL_S + 20 * DAY_S);
  expect((await made.invoices())[0]).toMatchObject({ status: "open", attempt_count: 4, next_payment_attempt: null });
});

test("a first invoice that is declined leaves the subscription incomplete, and 23 hours later it is over", async () => {
  const made = await hybrid();
  const { stripe, customer, base, advanceTo } = made;
  await putOnFile(made, "pm_card_chargeCustomerFail");
  const { id, status, latest_invoice } = await stripe.subscriptions.create({ customer, items: [{ price: base.id }] });
  expect(status).toBe("incomplete");
  await advanceTo(START_S + 23 * HOUR_S);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
    status: "incomplete_expired",
    ended_at: START_S + 23 * HOUR_S,
  });
  expect((await stripe.invoices.retrieve(String(latest_invoice))).status).toBe("void");
});

test("webhooks tell of it", async () => {
  const made = await hybrid();
  const endpoint = await listen();
  await made.stripe.webhookEndpoints.create({ url: endpoint.url, enabled_events: ["invoice.payment_failed"] });
  await putOnFile(made, "pm_card_chargeCustomerFail");
  await made.advanceTo(RENEWAL_S + HOUR_S);
  expect(endpoint.received.map((event) => event.type)).toEqual(["invoice.payment_failed"]);
});

test("three decimals are charged in steps of ten; the difference stays on the customer's balance", async () => {
  const { stripe } = await testSandbox();
  const { id: customer } = await stripe.customers.create();
  const bill = async (amount: number) => {
    await stripe.invoiceItems.create({ customer, amount, currency: "kwd" });
    const made = { customer, currency: "kwd", pending_invoice_items_behavior: "include", auto_advance: true } as const;
    const { id } = await stripe.invoices.create(made);
    return stripe.invoices.finalizeInvoice(id ?? "");
  };
  expect(await bill(5_124)).toMatchObject({ total: 5_124, amount_due: 5_120, amount_paid: 5_120, ending_balance: 4 });
  // 4 of before and 5,124 are 5,128.
  expect(await bill(5_124)).toMatchObject({ total: 5_124, amount_due: 5_130, ending_balance: -2 });
  expect((await stripe.customers.retrieve(customer)) as { balance?: number }).toMatchObject({ balance: -2 });
});
