import { type AddressInfo, createServer, type Server } from "node:net";
import type { FaultEffect, Sandbox } from "@meterline/stripe-sandbox";
import { createTestDatabase, type TestDatabase } from "@meterline/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FrozenClock } from "../clock.ts";
import { createDataSource, Database } from "../database/index.ts";
import { classifyStripeError, type StripeFailure, StripeGateway } from "./index.ts";
import { startStripe, testStripeSettings } from "./stripe.testing.ts";

const clock = new FrozenClock(Date.parse("2026-03-16T10:00:00Z"));
let sandbox: Sandbox;
let gateway: StripeGateway;
let customer: string;
const observed: { method: string; status: number }[] = [];
beforeAll(async () => {
  ({ sandbox } = await startStripe({ clock }));
  gateway = new StripeGateway(testStripeSettings(sandbox), { clock, observe: (request) => observed.push(request) });
  ({ id: customer } = await gateway.stripe.customers.create({ name: "Acme" }));
  await gateway.stripe.billing.meters.create({
    display_name: "Calls",
    event_name: "calls",
    default_aggregation: { formula: "sum" },
  });
});
afterAll(() => sandbox?.close());
beforeEach(() => sandbox.faults.clear());

const report = (identifier: string, of: StripeGateway = gateway, value = "1", idempotencyKey = `k-${identifier}`) =>
  of.stripe.billing.meterEvents.create(
    { event_name: "calls", identifier, payload: { stripe_customer_id: customer, value } },
    { idempotencyKey },
  );

/** How a call failed; a call that did not fails the test. */
async function failureOf(call: Promise<unknown>): Promise<StripeFailure> {
  const outcome = await call.then(
    () => "it was answered",
    (error: unknown) => classifyStripeError(error),
  );
  if (typeof outcome === "string") throw new Error(outcome);
  return outcome;
}

describe("a failed call", () => {
  const fault = (effect: FaultEffect, left = 1, path = "/v1/billing/meter_events") =>
    sandbox.faults.add({ effect, path, method: null, rate: 1, left });

  test("a known identifier is already done", async () => {
    await report("twice");
    expect(await failureOf(report("twice", gateway, "1", "another key"))).toMatchObject({ kind: "ALREADY_DONE" });
  });

  test("too many calls: retryable, and the budget waits", async () => {
    fault({ kind: "fail", status: 429 });
    expect(await failureOf(report("a-429"))).toMatchObject({ kind: "RETRYABLE" });
    await report("a-429");
  });

  test("a 409, such as the same key still at work, is retryable", async () => {
    fault({ kind: "fail", status: 409 });
    expect(await failureOf(report("a-409"))).toMatchObject({ kind: "RETRYABLE", code: "http_409" });
  });

  test("a 500 and a 503 may have happened", async () => {
    for (const status of [500, 503]) {
      fault({ kind: "fail", status });
      expect(await failureOf(report(`a-${status}`))).toMatchObject({ kind: "AMBIGUOUS", code: `http_${status}` });
    }
  });

  test("a reply that takes too long may have happened", async () => {
    const hasty = new StripeGateway(testStripeSettings(sandbox, { timeoutMs: 100 }), { clock });
    fault({ kind: "delay", delayMs: 1_000 }, 1, "/v1/customers");
    expect(await failureOf(hasty.stripe.customers.create({ name: "Late" }))).toMatchObject({
      kind: "AMBIGUOUS",
      code: "ETIMEDOUT",
    });
  });

  test("a line cut after the work may have happened, and the same key asks for no second one", async () => {
    // Twice, because the SDK repeats a call once whose connection was closed under it.
    fault({ kind: "drop" }, 2);
    expect(await failureOf(report("cut"))).toMatchObject({ kind: "AMBIGUOUS", code: "ECONNRESET" });
    expect((await report("cut")).identifier).toBe("cut");
  });

  test("a connection that was refused cannot have happened", async () => {
    const port = await closedPort();
    const nobody = new StripeGateway(
      testStripeSettings(sandbox, { api: { host: "127.0.0.1", port, protocol: "http" } }),
      { clock },
    );
    expect(await failureOf(report("nobody", nobody))).toMatchObject({ kind: "RETRYABLE", code: "ECONNREFUSED" });
  });

  test("what Stripe cannot take is permanent: a wrong parameter, an unknown object, a key used for something else", async () => {
    expect(await failureOf(report("digits", gateway, "1234567890.123456"))).toMatchObject({ kind: "PERMANENT" });
    expect(await failureOf(gateway.stripe.customers.retrieve("cus_none"))).toMatchObject({
      kind: "PERMANENT",
      code: "resource_missing",
    });
    await report("one", gateway, "1", "one key");
    expect(await failureOf(report("other", gateway, "2", "one key"))).toMatchObject({ kind: "PERMANENT" });
  });

  test("a key that Stripe refuses loses nothing: retryable, after a minute", async () => {
    const wrong = new StripeGateway(testStripeSettings(sandbox, { apiKey: "sk_live_wrong" }), { clock });
    expect(await failureOf(report("wrong key", wrong))).toMatchObject({ kind: "RETRYABLE", retryAfterMs: 60_000 });
  });

  test("an error that is not Stripe's is a bug and goes on", () => {
    expect(() => classifyStripeError(new TypeError("a bug"))).toThrow("a bug");
  });
});

test("every call is observed", async () => {
  observed.length = 0;
  await gateway.stripe.customers.retrieve(customer);
  await report("observed");
  expect(observed).toEqual([
    { method: "GET", status: 200 },
    { method: "POST", status: 200 },
  ]);
});

test("a stream call goes by its session's token, and is paid for by its number of events", async () => {
  const taken: number[] = [];
  const { streamEvents } = gateway.budgets;
  const take = streamEvents.take.bind(streamEvents);
  streamEvents.take = (tokens = 1) => {
    taken.push(tokens);
    return take(tokens);
  };
  const session = await gateway.stripe.v2.billing.meterEventSession.create({});
  const event = (identifier: string) => ({
    event_name: "calls",
    identifier,
    payload: { stripe_customer_id: customer, value: "1" },
  });
  await gateway.sendStream(session.authentication_token, [event("s-1"), event("s-2"), event("s-3")]);
  expect(taken).toEqual([3]);
});

test("legacy calls are those of the last version with usage records", async () => {
  const price = await gateway.legacy<{ id: string }>("POST", "/v1/prices", {
    currency: "usd",
    unit_amount: 5,
    product_data: { name: "Old calls" },
    recurring: { interval: "month", usage_type: "metered", aggregate_usage: "sum" },
  });
  const subscription = await gateway.legacy<{ items: { data: { id: string }[] } }>("POST", "/v1/subscriptions", {
    customer,
    items: [{ price: price.id }],
  });
  const item = subscription.items.data[0]?.id ?? "";
  const path = `/v1/subscription_items/${item}/usage_records`;
  const usage = { quantity: 4, action: "increment", timestamp: clock.now() / 1_000 };
  const first = await gateway.legacy<{ id: string; quantity: number }>("POST", path, usage, "legacy-1");
  expect(first.quantity).toBe(4);
  expect((await gateway.legacy<{ id: string }>("POST", path, usage, "legacy-1")).id).toBe(first.id);
});

describe("the count of reads", () => {
  let owned: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    owned = await createTestDatabase();
    const settings = { url: owned.url, poolSize: 2, statementTimeoutMs: 10_000, connectTimeoutMs: 10_000 };
    database = new Database(await createDataSource(settings, [], () => undefined).initialize());
  });
  afterAll(async () => {
    await database?.close();
    await owned?.drop();
  });

  test("adds up over processes, counts 30 days, and no write", async () => {
    const own = new FrozenClock(Date.parse("2026-03-16T10:00:00Z"));
    const [one, two] = [1, 2].map(() => new StripeGateway(testStripeSettings(sandbox), { clock: own }));
    if (one === undefined || two === undefined) throw new Error("two gateways");
    await one.stripe.customers.retrieve(customer);
    await one.stripe.customers.create({ name: "A write" });
    await two.stripe.customers.retrieve(customer);
    await two.stripe.customers.retrieve(customer);
    await Promise.all([one.reads.save(database), two.reads.save(database)]);
    expect(await one.reads.used(database)).toBe(3);
    expect(await one.reads.left(database)).toBe(9_997);
    own.advance(29 * 86_400_000);
    expect(await one.reads.used(database)).toBe(3);
    own.advance(86_400_000);
    expect(await one.reads.used(database)).toBe(0);
  });

  test("what could not be saved is counted the next time", async () => {
    const reads = new StripeGateway(testStripeSettings(sandbox), { clock }).reads;
    reads.add();
    const broken = { query: () => Promise.reject(new Error("away")) };
    await expect(reads.save(broken)).rejects.toThrow("away");
    const before = await reads.used(database);
    await reads.save(database);
    expect(await reads.used(database)).toBe(before);
  });
});

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await closed;
  return port;
}
