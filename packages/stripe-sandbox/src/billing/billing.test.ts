import { expect, test } from "vitest";
import { hybrid } from "../testing/hybrid.ts";
import { listen } from "../testing/listener.ts";
import { DAY_S, refusal, START_S, testSandbox } from "../testing/start.ts";

const HOUR_S = 3_600;
/** 2026-12-02T00:00:00Z: a month after the start. */
const RENEWAL_S = Date.UTC(2026, 11, 2) / 1000;

test("hybrid: the first invoice is final at once, with the fee and, in flexible mode, no zero line", async () => {
  const { stripe, subscription, invoices } = await hybrid();
  const [first] = await invoices();
  expect([first?.status, first?.total, first?.billing_reason]).toEqual(["paid", 2000, "subscription_create"]);
  expect(first?.lines.data).toHaveLength(1);
  expect(first?.parent?.subscription_details?.subscription).toBe(subscription.id);
  const [item] = (await stripe.subscriptions.retrieve(subscription.id)).items.data;
  expect([item?.current_period_start, item?.current_period_end]).toEqual([START_S, RENEWAL_S]);
});

test("classic mode has a zero line for each metered item at creation", async () => {
  const { invoices } = await hybrid({ billing_mode: { type: "classic" } });
  const [first] = await invoices();
  expect(first?.lines.data.map((line) => [line.amount, line.quantity])).toEqual([
    [2000, 1],
    [0, 0],
  ]);
});

test("renewal: a draft for an hour takes late usage, then it is final; usage after that is on no invoice", async () => {
  const { stripe, advanceTo, use, invoices } = await hybrid();
  await use("1500", START_S);
  await advanceTo(RENEWAL_S);
  const [draft] = await invoices();
  // 1,000 × 2 + 500 × 0.5 = 2,250 for the usage, 2,000 for the coming month.
  expect([draft?.status, draft?.total, draft?.automatically_finalizes_at]).toEqual(["draft", 4250, RENEWAL_S + HOUR_S]);
  await use("100.5", RENEWAL_S - 1);
  await use("7", RENEWAL_S);
  expect((await stripe.invoices.retrieve(draft!.id)).total).toBe(4250);
  await advanceTo(RENEWAL_S + HOUR_S);
  const [final] = await invoices();
  // 600.5 × 0.5 = 300.25 cents past the first thousand: 2,300.25 is 2,300.
  expect([final?.status, final?.total]).toEqual(["paid", 4300]);
  const line = final?.lines.data.find((one) => one.amount === 2300);
  expect([line?.quantity, String(line?.quantity_decimal)]).toEqual([1600, "1600.5"]);
  expect([line?.period.start, line?.period.end]).toEqual([START_S, RENEWAL_S]);
  await use("1000", RENEWAL_S - 1);
  await advanceTo(Date.UTC(2027, 0, 2, 1) / 1000);
  // The 7 of the new period, and not the 1,000 that came too late: 14 cents.
  expect((await invoices())[0]?.total).toBe(2014);
});

test("anchors: a 31st bills on the last day of short months and returns to the 31st", async () => {
  const config = { day_of_month: 31, hour: 0, minute: 0, second: 0 };
  const { stripe, subscription, advanceTo, invoices } = await hybrid({ billing_cycle_anchor_config: config });
  const ends = [];
  for (const day of [Date.UTC(2026, 10, 30), Date.UTC(2026, 11, 31), Date.UTC(2027, 0, 31), Date.UTC(2027, 1, 28)]) {
    ends.push((await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.current_period_end);
    expect(ends.at(-1)).toBe(day / 1000);
    await advanceTo(day / 1000 + HOUR_S);
  }
  expect((await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.current_period_end).toBe(
    Date.UTC(2027, 2, 31) / 1000,
  );
  // 28 of the 30 days from 31 October to 30 November: 2,000 × 28 / 30 is 1,866.67.
  expect((await invoices()).at(-1)?.total).toBe(1867);
});

test("invoice.created unanswered holds finalization, an answer lets it go, and 72 hours end it", async () => {
  const { sandbox, stripe, advanceTo, invoices } = await hybrid({}, { webhooks: { retryDelaysMs: [60_000, 60_000] } });
  const { url, answer } = await listen();
  await stripe.webhookEndpoints.create({ url, enabled_events: ["invoice.created"] });
  answer.status = 500;
  await advanceTo(RENEWAL_S + 2 * HOUR_S);
  expect((await invoices())[0]?.status).toBe("draft");
  answer.status = 200;
  sandbox.clock.advance(60_000);
  await sandbox.process();
  await advanceTo(RENEWAL_S + 2 * HOUR_S + 60);
  expect((await invoices())[0]?.status).toBe("paid");
  answer.status = 500;
  const next = Date.UTC(2027, 0, 2) / 1000;
  await advanceTo(next + 72 * HOUR_S - 1);
  expect((await invoices())[0]?.status).toBe("draft");
  await advanceTo(next + 72 * HOUR_S);
  expect((await invoices())[0]?.status).toBe("paid");
});

test("on the wall clock an answer that comes late lets go too, at the instant of the answer", async () => {
  const { sandbox, stripe } = await testSandbox({ webhooks: { retryDelaysMs: [2 * HOUR_S * 1000] } });
  const { id: customer } = await stripe.customers.create();
  const { id: product } = await stripe.products.create({ name: "p" });
  const recurring = { interval: "day" } as const;
  const price = await stripe.prices.create({ currency: "usd", product, unit_amount: 100, recurring });
  await stripe.subscriptions.create({ customer, items: [{ price: price.id }] });
  const { url, answer } = await listen();
  await stripe.webhookEndpoints.create({ url, enabled_events: ["invoice.created"] });
  const newest = async (waitS: number) => {
    sandbox.clock.advance(waitS * 1000);
    await sandbox.process();
    return (await stripe.invoices.list({ customer })).data[0];
  };
  answer.status = 500;
  await newest(DAY_S);
  answer.status = 200;
  expect((await newest(2 * HOUR_S - 1))?.status).toBe("draft");
  const final = await newest(1);
  expect([final?.status, final?.status_transitions.finalized_at]).toEqual(["paid", START_S + DAY_S + 2 * HOUR_S]);
});

test("auto_advance false keeps a draft until it is finalized by hand", async () => {
  const { stripe, advanceTo, invoices } = await hybrid();
  await advanceTo(RENEWAL_S);
  const [draft] = await invoices();
  await stripe.invoices.update(draft!.id, { auto_advance: false });
  await advanceTo(RENEWAL_S + DAY_S);
  expect((await stripe.invoices.retrieve(draft!.id)).status).toBe("draft");
  expect((await stripe.invoices.finalizeInvoice(draft!.id, { auto_advance: true })).status).toBe("paid");
  expect((await refusal(stripe.invoices.finalizeInvoice(draft!.id))).statusCode).toBe(400);
});

test("a preview shows the usage so far and changes nothing", async () => {
  const { stripe, subscription, use, invoices } = await hybrid();
  await use("10", START_S);
  const before = [(await invoices()).length, (await stripe.events.list({ limit: 100 })).data.length];
  const preview = await stripe.invoices.createPreview({ subscription: subscription.id });
  expect([preview.id.startsWith("upcoming_in_"), preview.total]).toEqual([true, 2020]);
  expect([(await invoices()).length, (await stripe.events.list({ limit: 100 })).data.length]).toEqual(before);
  const [item] = (await stripe.subscriptions.retrieve(subscription.id)).items.data;
  expect(item?.current_period_end).toBe(RENEWAL_S);
});

test("a preview shows its first ten lines, and all of them in pages", async () => {
  const { stripe, customer, subscription } = await hybrid();
  for (let amount = 1; amount <= 10; amount += 1) {
    await stripe.invoiceItems.create({ customer, amount, currency: "usd", subscription: subscription.id });
  }
  const { id, lines } = await stripe.invoices.createPreview({ subscription: subscription.id });
  expect([lines.data.length, lines.has_more, lines.url]).toEqual([10, true, `/v1/invoices/${id}/lines`]);
  const rest = await stripe.invoices.listLineItems(id, { limit: 100, starting_after: lines.data.at(-1)?.id ?? "" });
  expect([rest.data.length, rest.has_more]).toEqual([2, false]);
});

test("invoice items: waiting ones join the next invoice once, a draft takes them directly, a final one does not", async () => {
  const { stripe, customer, advanceTo, invoices } = await hybrid();
  await stripe.invoiceItems.create({ customer, amount: 150, currency: "usd", description: "Rated elsewhere" });
  await advanceTo(RENEWAL_S);
  const [draft] = await invoices();
  expect(draft?.total).toBe(2150);
  await stripe.invoiceItems.create({ customer, amount: -50, currency: "usd", invoice: draft!.id });
  expect((await stripe.invoices.retrieve(draft!.id)).total).toBe(2100);
  await advanceTo(RENEWAL_S + HOUR_S);
  const late = stripe.invoiceItems.create({ customer, amount: 1, currency: "usd", invoice: draft!.id });
  expect((await refusal(late)).code).toBe("invoice_not_editable");
  expect((await stripe.invoiceItems.list({ customer, pending: true })).data).toEqual([]);
});

test("price switch: flexible mode bills the usage before it, classic mode silently does not", async () => {
  const totals = [];
  for (const type of ["flexible", "classic"] as const) {
    const { stripe, subscription, usage, meter, advanceTo, use, invoices } = await hybrid({ billing_mode: { type } });
    const dearer = await stripe.prices.create({
      currency: "usd",
      product: usage.product as string,
      unit_amount: 10,
      recurring: { interval: "month", usage_type: "metered", meter: meter.id },
    });
    await use("100", START_S);
    await advanceTo(START_S + DAY_S);
    const item = subscription.items.data.find((one) => one.price.id === usage.id);
    await stripe.subscriptions.update(subscription.id, { items: [{ id: item!.id, price: dearer.id }] });
    await use("3", START_S + DAY_S);
    await advanceTo(RENEWAL_S + HOUR_S);
    totals.push((await invoices())[0]?.total);
  }
  // The month's fee 2,000, then 100 × 2 at the old price (flexible only) and 3 × 10 at the new one.
  expect(totals).toEqual([2230, 2030]);
});

test("licensed changes are prorated by the second, and usage never is", async () => {
  const { stripe, subscription, base, advanceTo, invoices } = await hybrid();
  await advanceTo(START_S + 15 * DAY_S);
  const item = subscription.items.data.find((one) => one.price.id === base.id);
  await stripe.subscriptionItems.update(item!.id, { quantity: 3, proration_behavior: "always_invoice" });
  const [invoice] = await invoices();
  // Half of the month: −1,000 for one seat, +3,000 for three.
  expect([invoice?.total, invoice?.lines.data.map((line) => line.amount)]).toEqual([2000, [-1000, 3000]]);
});

test("cancelling at the period's end bills the usage alone; cancelling now discards it unless invoice_now", async () => {
  const ending = await hybrid();
  await ending.stripe.subscriptions.update(ending.subscription.id, { cancel_at_period_end: true });
  await ending.use("10", START_S);
  await ending.advanceTo(RENEWAL_S + HOUR_S);
  expect((await ending.invoices())[0]?.total).toBe(20);
  expect((await ending.stripe.subscriptions.retrieve(ending.subscription.id)).status).toBe("canceled");

  const discarded = await hybrid();
  await discarded.use("10", START_S);
  await discarded.stripe.subscriptions.cancel(discarded.subscription.id);
  expect(await discarded.invoices()).toHaveLength(1);

  const billed = await hybrid();
  await billed.use("10", START_S);
  await billed.advanceTo(START_S + DAY_S);
  await billed.stripe.subscriptions.cancel(billed.subscription.id, { invoice_now: true });
  expect((await billed.invoices())[0]?.total).toBe(20);
});

test("clocks of tests: advancing until the work is done, only forward, at most two intervals, one advance at a time", async () => {
  const { sandbox, stripe, clock, customer } = await hybrid();
  const clocks = stripe.testHelpers.testClocks;
  expect((await refusal(clocks.advance(clock, { frozen_time: START_S }))).param).toBe("frozen_time");
  const tooFar = Date.UTC(2027, 0, 2) / 1000 + 1;
  expect((await refusal(clocks.advance(clock, { frozen_time: tooFar }))).param).toBe("frozen_time");
  expect((await clocks.advance(clock, { frozen_time: tooFar - 1 })).status).toBe("advancing");
  expect((await refusal(clocks.advance(clock, { frozen_time: tooFar - 1 }))).code).toBe("testmode_clock_advancing");
  await sandbox.process();
  expect((await clocks.retrieve(clock)).status).toBe("advancing");
  sandbox.clock.advance(500);
  await sandbox.process();
  expect(await clocks.retrieve(clock)).toMatchObject({ status: "ready", frozen_time: tooFar - 1 });
  await clocks.del(clock);
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
});

test("on the wall clock a subscription renews by itself, and no usage still bills the first tier's flat amount", async () => {
  const { sandbox, stripe } = await testSandbox();
  const { id: customer } = await stripe.customers.create();
  const { id: product } = await stripe.products.create({ name: "p" });
  const meter = await stripe.billing.meters.create({
    display_name: "m",
    event_name: "m",
    default_aggregation: { formula: "sum" },
  });
  const price = await stripe.prices.create({
    currency: "usd",
    product,
    billing_scheme: "tiered",
    tiers_mode: "graduated",
    tiers: [{ up_to: "inf", unit_amount: 1, flat_amount: 300 }],
    recurring: { interval: "day", usage_type: "metered", meter: meter.id },
  });
  await stripe.subscriptions.create({ customer, items: [{ price: price.id }] });
  sandbox.clock.advance((DAY_S + HOUR_S) * 1000);
  await sandbox.process();
  const { data } = await stripe.invoices.list({ customer });
  expect(data.map((invoice) => [invoice.status, invoice.total])).toEqual([["paid", 300]]);
});

test("items: metered ones take no quantity, one-time prices and other intervals are refused", async () => {
  const { stripe, customer, base, usage } = await hybrid();
  const make = (items: { price: string; quantity?: number }[]) =>
    refusal(stripe.subscriptions.create({ customer, items }));
  expect((await make([{ price: usage.id, quantity: 2 }])).param).toBe("items[0][quantity]");
  const fields = { currency: "usd", product: base.product as string, unit_amount: 5 };
  const once = await stripe.prices.create(fields);
  expect((await make([{ price: once.id }])).param).toBe("items[0][price]");
  const yearly = await stripe.prices.create({ ...fields, recurring: { interval: "year" } });
  expect((await make([{ price: base.id }, { price: yearly.id }])).param).toBe("items");
});

test("a draft that is told to finalize later takes usage until then", async () => {
  const { stripe, advanceTo, use, invoices } = await hybrid();
  await advanceTo(RENEWAL_S);
  const [draft] = await invoices();
  expect(draft?.webhooks_delivered_at).toBe(RENEWAL_S);
  const later = RENEWAL_S + 5 * HOUR_S;
  await stripe.invoices.update(draft?.id ?? "", { automatically_finalizes_at: later });
  expect((await refusal(stripe.invoices.update(draft?.id ?? "", { automatically_finalizes_at: 1 }))).statusCode).toBe(
    400,
  );
  await advanceTo(RENEWAL_S + 2 * HOUR_S);
  await use("10", RENEWAL_S - 1);
  await advanceTo(later);
  const [final] = await invoices();
  expect([final?.status, final?.total, final?.status_transitions.finalized_at]).toEqual(["paid", 2020, later]);
});

test("backdated within its period: the whole fee at once, usage since the start, and the anchor kept", async () => {
  const { stripe, advanceTo, use, customer, base, usage, invoices, subscription } = await hybrid();
  await stripe.subscriptions.cancel(subscription.id);
  const startS = START_S + 3 * DAY_S;
  await advanceTo(startS + HOUR_S);
  await use("50", startS + 60);
  const backdated = await stripe.subscriptions.create({
    customer,
    items: [{ price: base.id }, { price: usage.id }],
    backdate_start_date: startS,
    billing_cycle_anchor_config: { day_of_month: 5, hour: 0, minute: 0, second: 0 },
  });
  const endS = Date.UTC(2026, 11, 5) / 1000;
  const [item] = backdated.items.data;
  expect([backdated.start_date, item?.current_period_start, item?.current_period_end]).toEqual([startS, startS, endS]);
  expect((await invoices())[0]?.total).toBe(2000);
  await advanceTo(endS + HOUR_S);
  // 50 at 2 cents, and the fee of the coming month.
  expect((await invoices())[0]?.total).toBe(2100);
});

test("backdating past the running period, or into the future, is refused", async () => {
  const { stripe, customer, base, advanceTo } = await hybrid();
  await advanceTo(RENEWAL_S + HOUR_S);
  const from = (backdate_start_date: number) =>
    refusal(stripe.subscriptions.create({ customer, items: [{ price: base.id }], backdate_start_date }));
  expect((await from(START_S - DAY_S)).message).toContain("running period");
  expect((await from(RENEWAL_S + DAY_S)).message).toContain("must be in the past");
});
