import type Stripe from "stripe";
import { expect, test } from "vitest";
import { DAY_S, refusal, START_S, testSandbox } from "../testing/start.ts";

const ACACIA = { apiVersion: "2025-02-24.acacia" };

async function legacy(aggregate: string) {
  const { sandbox, stripe } = await testSandbox();
  const { id: customer } = await stripe.customers.create();
  const { id: product } = await stripe.products.create({ name: "p" });
  const price = (await stripe.rawRequest(
    "POST",
    "/v1/prices",
    {
      currency: "usd",
      product,
      unit_amount: 10,
      recurring: { interval: "month", usage_type: "metered", aggregate_usage: aggregate },
    },
    ACACIA,
  )) as unknown as Stripe.Price;
  const fields = { customer, items: [{ price: price.id }] };
  const modern = stripe.subscriptions.create(fields);
  expect((await refusal(modern)).param).toBe("items");
  const subscription = await stripe.subscriptions.create(fields, ACACIA);
  const item = subscription.items.data[0]!.id;
  const record = (quantity: number, more: { action?: string; timestamp?: number } = {}, version = ACACIA) =>
    stripe.rawRequest("POST", `/v1/subscription_items/${item}/usage_records`, { quantity, ...more }, version);
  const bill = async () => {
    sandbox.clock.advance(31 * DAY_S * 1000);
    await sandbox.process();
    return (await stripe.invoices.list({ customer })).data[0]?.total;
  };
  const cancel = () => stripe.subscriptions.cancel(subscription.id);
  return { sandbox, stripe, price: price.id, item, record, bill, cancel, mode: subscription.billing_mode.type };
}

test("increment adds, set overwrites the value at its timestamp, and the sum is billed", async () => {
  const { sandbox, stripe, item, record, bill, mode } = await legacy("sum");
  expect(mode).toBe("classic");
  sandbox.clock.advance(10_000);
  await record(5, { timestamp: START_S });
  await record(2, { timestamp: START_S });
  await record(3, { timestamp: START_S + 1 });
  await record(9, { timestamp: START_S + 1, action: "set" });
  const path = `/v1/subscription_items/${item}/usage_record_summaries`;
  const summaries = (await stripe.rawRequest("GET", path, undefined, ACACIA)) as unknown as Stripe.ApiList<{
    total_usage: number;
    invoice: string | null;
  }>;
  expect(summaries.data.map((row) => [row.total_usage, row.invoice])).toEqual([[16, null]]);
  expect(await bill()).toBe(160);
});

test("max bills the highest record, last_during_period the latest", async () => {
  const totals = [];
  for (const aggregate of ["max", "last_during_period"]) {
    const { sandbox, record, bill } = await legacy(aggregate);
    sandbox.clock.advance(10_000);
    await record(7, { timestamp: START_S });
    await record(4, { timestamp: START_S + 5 });
    totals.push(await bill());
  }
  expect(totals).toEqual([70, 40]);
});

test("a record outside the current period, or with a version since basil, is refused", async () => {
  const { record } = await legacy("sum");
  expect((await refusal(record(1, { timestamp: START_S - 1 }))).param).toBe("timestamp");
  expect((await refusal(record(1, { timestamp: START_S + 1 }))).param).toBe("timestamp");
  expect((await refusal(record(1, {}, { apiVersion: "2025-03-31.basil" }))).statusCode).toBe(404);
});

test("a subscription that is over takes no record, and what a price folds by is told to callers from before basil only", async () => {
  const { stripe, price, record, cancel } = await legacy("last_ever");
  const old = await stripe.rawRequest("GET", `/v1/prices/${price}`, undefined, ACACIA);
  expect(old).toMatchObject({ recurring: { aggregate_usage: "last_ever" } });
  expect((await stripe.prices.retrieve(price)).recurring).not.toHaveProperty("aggregate_usage");
  await cancel();
  expect((await refusal(record(1))).message).toContain("canceled");
});
