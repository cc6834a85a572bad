import Stripe from "stripe";
import { expect, test } from "vitest";
import { clientOf, refusal, testSandbox } from "../testing/start.ts";

const HOUR_MS = 3_600_000;

test("idempotency: the same key and parameters replay the first reply, and do nothing again", async () => {
  const { stripe } = await testSandbox();
  const first = await stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" });
  const second = await stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" });
  expect(second.id).toBe(first.id);
  expect(first.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
  expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");
  expect((await stripe.customers.list()).data).toHaveLength(1);
});

test("idempotency: the same key with other parameters is a 400 idempotency_error", async () => {
  const { stripe } = await testSandbox();
  await stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" });
  const error = await refusal(stripe.customers.create({ name: "b" }, { idempotencyKey: "k1" }));
  expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  expect(error.statusCode).toBe(400);
});

test("idempotency: a key that is still running is a 409", async () => {
  const { sandbox, stripe } = await testSandbox();
  sandbox.faults.add({
    effect: { kind: "delay", delayMs: 100 },
    path: "/v1/customers",
    method: "POST",
    rate: 1,
    left: 1,
  });
  const calls = [1, 2].map(() => stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" }));
  const results = await Promise.allSettled(calls);
  const statuses = results.map((result) => (result.status === "rejected" ? result.reason.statusCode : 200));
  expect(statuses.toSorted()).toEqual([200, 409]);
});

test("idempotency: a refused parameter is not remembered, and a key is forgotten after 24 hours", async () => {
  const { sandbox, stripe } = await testSandbox();
  await refusal(stripe.customers.create({ email: "no address" }, { idempotencyKey: "k1" }));
  const first = await stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" });
  sandbox.clock.advance(24 * HOUR_MS - 1);
  expect((await stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" })).id).toBe(first.id);
  sandbox.clock.advance(1);
  expect((await stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" })).id).not.toBe(first.id);
});

test("a reply that was dropped after the work is found again by its key, and the work is done once", async () => {
  const { sandbox, stripe } = await testSandbox();
  sandbox.faults.add({ effect: { kind: "drop" }, path: "/v1/customers", method: "POST", rate: 1, left: 2 });
  const lost = await refusal(stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" }));
  expect(lost).toBeInstanceOf(Stripe.errors.StripeConnectionError);
  const found = await stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" });
  expect((await stripe.customers.list()).data.map((customer) => customer.id)).toEqual([found.id]);
});

test("a 500 under a key is replayed, although the panel would let the second try through", async () => {
  const { sandbox, stripe } = await testSandbox();
  sandbox.faults.add({
    effect: { kind: "fail", status: 500 },
    path: "/v1/customers",
    method: "POST",
    rate: 1,
    left: 1,
  });
  const statuses = [];
  for (let attempt = 0; attempt < 2; attempt += 1) {
    statuses.push((await refusal(stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" }))).statusCode);
  }
  expect(statuses).toEqual([500, 500]);
  expect((await stripe.customers.list()).data).toEqual([]);
});

test("v2 continues failed work under the same key instead of replaying the failure", async () => {
  const { sandbox, stripe } = await testSandbox();
  const { id } = await stripe.customers.create();
  await stripe.billing.meters.create({
    display_name: "m",
    event_name: "m",
    default_aggregation: { formula: "sum" },
  });
  sandbox.faults.add({ effect: { kind: "fail", status: 500 }, path: "/v2/", method: "POST", rate: 1, left: 1 });
  const params = { event_name: "m", payload: { stripe_customer_id: id, value: "1" }, identifier: "e1" };
  const send = () => stripe.v2.billing.meterEvents.create(params, { idempotencyKey: "k1" });
  expect((await refusal(send())).statusCode).toBe(500);
  expect((await send()).identifier).toBe("e1");
  expect((await send()).lastResponse.headers["idempotent-replayed"]).toBe("true");
});

test("a 429 is decided before idempotency and names its reason; the SDK does not retry it", async () => {
  const { sandbox } = await testSandbox();
  const stripe = clientOf(sandbox, { maxNetworkRetries: 2 });
  sandbox.faults.add({
    effect: { kind: "fail", status: 429 },
    path: "/v1/customers",
    method: "POST",
    rate: 1,
    left: 1,
  });
  const error = await refusal(stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" }));
  expect(error).toBeInstanceOf(Stripe.errors.StripeRateLimitError);
  expect(error.headers?.["stripe-rate-limited-reason"]).toBe("global-rate");
  expect((await stripe.customers.create({ name: "a" }, { idempotencyKey: "k1" })).name).toBe("a");
});

test("rate limits: call 26 to one endpoint in a second is a 429, a second later it is not", async () => {
  const { sandbox, stripe } = await testSandbox({ rateLimits: "live" });
  for (let call = 0; call < 25; call += 1) await stripe.customers.list();
  expect((await refusal(stripe.customers.list())).statusCode).toBe(429);
  sandbox.clock.advance(1000);
  expect((await stripe.customers.list()).data).toEqual([]);
});

test("an object that another request holds gives lock_timeout, which the SDK retries", async () => {
  const { sandbox, stripe } = await testSandbox({ lockTimeoutMs: 10 });
  const { id } = await stripe.customers.create({ name: "a" });
  const holds = {
    effect: { kind: "delay" as const, delayMs: 150 },
    path: `/v1/customers/${id}`,
    method: "POST",
    rate: 1,
  };
  sandbox.faults.add({ ...holds, left: 1 });
  const calls = ["b", "c"].map((name) => stripe.customers.update(id, { name }));
  const results = await Promise.allSettled(calls);
  const failed = results.find((result) => result.status === "rejected");
  expect(failed?.reason.code).toBe("lock_timeout");
  expect(failed?.reason.headers["stripe-should-retry"]).toBe("true");
});

test("a missing, live or made-up key is a 401", async () => {
  const { sandbox } = await testSandbox();
  const statuses = [];
  for (const key of ["sk_live_x", "pk_test_x"]) {
    statuses.push((await refusal(clientOf(sandbox, {}, key).customers.list())).statusCode);
  }
  statuses.push((await fetch(`${sandbox.url}/v1/customers`)).status);
  expect(statuses).toEqual([401, 401, 401]);
});

test("an unknown URL is a 404, an unknown or missing parameter a 400 that names it", async () => {
  const { stripe } = await testSandbox();
  expect((await refusal(stripe.rawRequest("GET", "/v1/nothing"))).statusCode).toBe(404);
  const unknown = await refusal(stripe.rawRequest("POST", "/v1/customers", { nmae: "a" }));
  expect([unknown.code, unknown.param, unknown.message]).toEqual([
    "parameter_unknown",
    "nmae",
    "Received unknown parameter: nmae",
  ]);
  const missing = await refusal(stripe.rawRequest("POST", "/v1/prices", { product: "x" }));
  expect([missing.code, missing.param]).toEqual(["parameter_missing", "currency"]);
});

test("lists: 10 a page unless told, newest first, by cursor in both directions, at most 100", async () => {
  const { stripe } = await testSandbox();
  const ids: string[] = [];
  for (let index = 0; index < 12; index += 1) ids.unshift((await stripe.customers.create()).id);
  const first = await stripe.customers.list();
  expect([first.data.map((one) => one.id), first.has_more]).toEqual([ids.slice(0, 10), true]);
  const last = await stripe.customers.list({ starting_after: ids[9]! });
  expect([last.data.map((one) => one.id), last.has_more]).toEqual([ids.slice(10), false]);
  const before = await stripe.customers.list({ ending_before: ids[3]!, limit: 2 });
  expect([before.data.map((one) => one.id), before.has_more]).toEqual([ids.slice(1, 3), true]);
  expect((await refusal(stripe.customers.list({ limit: 101 }))).param).toBe("limit");
  expect((await refusal(stripe.customers.list({ limit: 0 }))).param).toBe("limit");
});
