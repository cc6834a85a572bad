import { expect, test } from "vitest";
import type { Sandbox } from "../index.ts";
import { refusal, START_AT, testSandbox } from "../testing/start.ts";

type Answer = {
  faults: unknown[];
  counts: Record<string, number>;
  now: string;
  error: { message: string };
};

async function ask(sandbox: Sandbox, method: string, path: string, body?: unknown) {
  const init = { method, headers: { "content-type": "application/json" } };
  const response = await fetch(
    `${sandbox.url}${path}`,
    body === undefined ? init : { ...init, body: JSON.stringify(body) },
  );
  return { status: response.status, body: (await response.json()) as Answer };
}

test("a fault is set over HTTP, strikes as often as it says, and is listed and removed", async () => {
  const { sandbox, stripe } = await testSandbox();
  const fault = { effect: { kind: "fail", status: 503 }, path: "/v1/customers", left: 1 };
  const added = await ask(sandbox, "POST", "/_sandbox/faults", fault);
  expect(added.body).toMatchObject({ id: "fault_1", rate: 1, method: null });
  expect((await refusal(stripe.customers.list())).statusCode).toBe(503);
  expect((await stripe.customers.list()).data).toEqual([]);
  expect((await ask(sandbox, "GET", "/_sandbox/faults")).body.faults).toHaveLength(1);
  expect((await ask(sandbox, "DELETE", "/_sandbox/faults/fault_1")).body.faults).toEqual([]);
  expect((await ask(sandbox, "DELETE", "/_sandbox/faults/fault_1")).status).toBe(404);
});

test("a partial outage strikes the same calls again after the same seed", async () => {
  const { sandbox, stripe } = await testSandbox();
  await ask(sandbox, "POST", "/_sandbox/faults", { effect: { kind: "fail", status: 500 }, rate: 0.5 });
  const outcomes = async () => {
    await ask(sandbox, "POST", "/_sandbox/seed", { seed: 7 });
    const seen: boolean[] = [];
    for (let call = 0; call < 20; call += 1) {
      seen.push(
        await stripe.customers.list().then(
          () => true,
          () => false,
        ),
      );
    }
    return seen;
  };
  const first = await outcomes();
  expect(new Set(first)).toEqual(new Set([true, false]));
  expect(await outcomes()).toEqual(first);
});

test("fail_after does the work and answers 500, which the key then repeats", async () => {
  const { sandbox, stripe } = await testSandbox();
  await ask(sandbox, "POST", "/_sandbox/faults", { effect: { kind: "fail_after" }, method: "POST", left: 1 });
  for (const _attempt of [1, 2]) {
    const error = await refusal(stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" }));
    expect(error.statusCode).toBe(500);
  }
  expect((await stripe.customers.list()).data).toHaveLength(1);
});

test("the clock is moved over HTTP, which also does what falls due", async () => {
  const { sandbox, stripe } = await testSandbox();
  const { id: customer } = await stripe.customers.create();
  await stripe.billing.meters.create({
    display_name: "m",
    event_name: "m",
    default_aggregation: { formula: "sum" },
  });
  await stripe.billing.meterEvents.create({ event_name: "m", payload: { stripe_customer_id: customer, value: "1" } });
  expect((await ask(sandbox, "GET", "/_sandbox/state")).body.counts).toMatchObject({ usageQueue: 1, usageFacts: 0 });
  const moved = await ask(sandbox, "POST", "/_sandbox/clock", { advanceMs: 2_000 });
  expect(moved.body.now).toBe(new Date(START_AT + 2_000).toISOString());
  expect((await ask(sandbox, "GET", "/_sandbox/state")).body.counts).toMatchObject({ usageQueue: 0, usageFacts: 1 });
});

test("a bad control request is a 400 that says what is wrong, and one that is not JSON a 415", async () => {
  const { sandbox } = await testSandbox();
  const messages = [];
  for (const body of [
    { effect: { kind: "explode" } },
    { effect: { kind: "fail", status: 200 } },
    { effect: { kind: "drop" }, rate: 2 },
    { effect: { kind: "drop" }, left: 0 },
  ]) {
    const reply = await ask(sandbox, "POST", "/_sandbox/faults", body);
    messages.push([reply.status, reply.body.error.message]);
  }
  expect(messages).toEqual([
    [400, "effect.kind must be fail, fail_after, delay, drop or refuse"],
    [400, "effect.status must be from 400 to 599"],
    [400, "rate must be from 0 to 1"],
    [400, "left must be a whole number of 1 or more, or null"],
  ]);
  expect((await fetch(`${sandbox.url}/_sandbox/clock`, { method: "POST", body: "{}" })).status).toBe(415);
  expect((await ask(sandbox, "POST", "/_sandbox/clock", { advanceMs: -1 })).status).toBe(400);
});

test("the page shows what the sandbox holds, with text from outside escaped", async () => {
  const { sandbox, stripe } = await testSandbox();
  await stripe.billing.meters.create({
    display_name: "m",
    event_name: "<b>m</b>",
    default_aggregation: { formula: "sum" },
  });
  const html = await (await fetch(`${sandbox.url}/`)).text();
  expect(html).toContain("&lt;b&gt;m&lt;/b&gt;");
  expect(html).not.toContain("<b>m</b>");
  expect(html).toContain("billing.meter.created");
});

test("the clock stops where an invoice is opened, when it is told to", async () => {
  const { sandbox, stripe } = await testSandbox();
  const { id: customer } = await stripe.customers.create();
  const { id: product } = await stripe.products.create({ name: "API" });
  const fee = { currency: "usd", product, unit_amount: 100, recurring: { interval: "week" } } as const;
  const { id: price } = await stripe.prices.create(fee);
  await stripe.subscriptions.create({ customer, items: [{ price }] });
  const advance = async (body: object) => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${sandbox.url}/_sandbox/clock`, init)).json();
  };
  const day = 86_400_000;
  expect(await advance({ advanceMs: 10 * day, stopAtInvoices: true })).toEqual({
    now: "2026-11-09T00:00:00.000Z",
    leftMs: 3 * day,
  });
  expect((await stripe.invoices.list({ customer })).data[0]?.status).toBe("draft");
  expect(await advance({ advanceMs: 3 * day })).toMatchObject({ leftMs: 0 });
});
