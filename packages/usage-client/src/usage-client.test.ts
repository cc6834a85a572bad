import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UsageClientOptionError, type UsageClientOptions } from "./client-options.ts";
import type { UndeliveredUsage } from "./outcome.ts";
import { type Fault, LedgerServer } from "./testing/ledger-server.ts";
import { UsageClient } from "./usage-client.ts";

const FAST = { maxAgeMs: 1, initialBackoffMs: 1, maxBackoffMs: 4 } as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// Real sockets and processes on a busy machine; nothing here waits for a fixed time.
vi.setConfig({ testTimeout: 60_000 });

let server: LedgerServer;
const clients: UsageClient[] = [];

beforeEach(async () => {
  server = new LedgerServer();
  await server.start();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ timeoutMs: 0 })));
  await server.stop();
});

function clientOf(options: Partial<UsageClientOptions> = {}): UsageClient {
  const client = new UsageClient({ url: server.url, apiKey: "ml_test", ...FAST, ...options });
  clients.push(client);
  return client;
}

const usage = (number: number) => ({
  externalCustomerId: "acme",
  meterKey: "api_requests",
  quantity: String(number),
  idempotencyKey: `event-${number}`,
});

describe("once", () => {
  const faults: Fault[] = ["NONE", "NONE", "NONE", "DROP_BEFORE", "DROP_AFTER", "HANG_AFTER", "HTTP_502_AFTER"];
  faults.push("DROP_AFTER", "HTTP_500", "HTTP_429", "UNAVAILABLE");

  test("whatever replies are lost, the server's ledger is what was recorded, each event once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...faults), { maxLength: 25 }),
        fc.integer({ min: 1, max: 120 }),
        fc.record({ batchSize: fc.integer({ min: 1, max: 40 }), maxInFlight: fc.integer({ min: 1, max: 6 }) }),
        async (script, count, bounds) => {
          server.ledger.clear();
          server.requests = 0;
          server.options = { faultOf: ({ number }) => script[number - 1] ?? "NONE" };
          const client = clientOf({ ...bounds, requestTimeoutMs: 60 });
          const numbers = Array.from({ length: count }, (_, index) => index + 1);
          const outcomes = await Promise.all(numbers.map((number) => client.recordAndWait(usage(number))));
          await client.close();
          expect(outcomes.every(({ outcome }) => outcome === "RECORDED" || outcome === "DUPLICATE")).toBe(true);
          expect(server.quantities.map(Number).sort((one, other) => one - other)).toEqual(numbers);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a retry sends the same bytes: key and time are fixed before the first attempt", async () => {
    server.options = { faultOf: ({ number }) => (number <= 3 ? "DROP_AFTER" : "NONE") };
    const outcome = await clientOf().recordAndWait({ externalCustomerId: "acme", meterKey: "api_requests" });
    expect(outcome).toEqual({ outcome: "DUPLICATE" });
    expect(server.usageBodies).toHaveLength(4);
    expect(new Set(server.usageBodies).size).toBe(1);
    const [event] = server.ledger.values();
    expect(event?.idempotencyKey).toMatch(UUID);
    expect(event?.quantity).toBe("1");
  });

  test.each(["DROP_BEFORE", "HTTP_500", "HTTP_429", "UNAVAILABLE", "HTTP_502_AFTER"] as const)(
    "an event is repeated through twelve times %s, until it is answered",
    async (fault) => {
      server.options = { faultOf: ({ number }) => (number <= 12 ? fault : "NONE") };
      const outcome = await clientOf().recordAndWait(usage(1));
      expect(outcome).toEqual({ outcome: fault === "HTTP_502_AFTER" ? "DUPLICATE" : "RECORDED" });
      expect(server.requests).toBe(13);
      expect(server.quantities).toEqual(["1"]);
    },
  );

  test("the caller's object may change after record()", async () => {
    const client = clientOf();
    const properties = { model: "large" };
    client.record({ ...usage(1), properties });
    properties.model = "changed";
    await client.flush();
    expect([...server.ledger.values()][0]?.properties).toEqual({ model: "large" });
  });
});

describe("time", () => {
  test("what is absent is filled in when record() is called, not when it is sent", async () => {
    const clock = {
      now: () => Date.UTC(2026, 4, 1, 12),
      random: () => 0,
      schedule: (delayMs: number, task: () => void) => {
        const timer = setTimeout(task, delayMs);
        return () => clearTimeout(timer);
      },
    };
    const receipt = clientOf({ clock }).record({ customerId: "c-1", meterKey: "api_requests" });
    expect(receipt).toMatchObject({ accepted: true, held: "BUFFERED", idempotencyKey: expect.stringMatching(UUID) });
    await clients[0]?.flush();
    expect([...server.ledger.values()][0]?.occurredAt).toBe("2026-05-01T12:00:00.000Z");
  });
});

describe("batches", () => {
  test("a batch leaves when it is full, without waiting for its age", async () => {
    const client = clientOf({ batchSize: 3, maxAgeMs: 3_600_000 });
    await Promise.all([1, 2, 3].map((number) => client.recordAndWait(usage(number))));
    expect(server.requests).toBe(1);
  });

  test("a batch that is not full leaves when its first event is old enough", async () => {
    const client = clientOf({ batchSize: 1_000, maxAgeMs: 5 });
    expect(await client.recordAndWait(usage(1))).toEqual({ outcome: "RECORDED" });
  });

  test("flush sends what waits and resolves when it is answered", async () => {
    const client = clientOf({ batchSize: 4, maxAgeMs: 3_600_000 });
    for (let number = 1; number <= 10; number += 1) client.record(usage(number));
    await client.flush();
    expect(server.ledger.size).toBe(10);
    expect(server.requests).toBe(3);
    expect(client.buffered).toBe(0);
  });

  test("one event that the API refuses does not spoil the others", async () => {
    const undelivered: UndeliveredUsage[] = [];
    const client = clientOf({ hooks: { onUndelivered: (event) => undelivered.push(event) } });
    const bad = client.recordAndWait({ ...usage(2), meterKey: "no_such_meter" });
    const good = await Promise.all([client.recordAndWait(usage(1)), client.recordAndWait(usage(3))]);
    expect(good).toEqual([{ outcome: "RECORDED" }, { outcome: "RECORDED" }]);
    expect(await bad).toMatchObject({ outcome: "REJECTED", rejection: { code: "UNKNOWN_METER" } });
    expect(undelivered.map((event) => event.usage.idempotencyKey)).toEqual(["event-2"]);
  });

  test("a request that is too large is halved until it is taken", async () => {
    server.options = { maxBatch: 3 };
    const client = clientOf({ batchSize: 20, maxAgeMs: 3_600_000 });
    for (let number = 1; number <= 20; number += 1) client.record(usage(number));
    await client.flush();
    expect(server.ledger.size).toBe(20);
  });
});

describe("failures", () => {
  test.each(["UNAUTHENTICATED", "FORBIDDEN"] as const)(
    "%s is never repeated, and is told by hook and outcome",
    async (fault) => {
      server.options = { faultOf: () => fault };
      const undelivered: UndeliveredUsage[] = [];
      const client = clientOf({ hooks: { onUndelivered: (event) => undelivered.push(event) } });
      const outcome = await client.recordAndWait(usage(1));
      expect(outcome).toMatchObject({ outcome: "FAILED", failure: { kind: "CONFIGURATION", code: fault } });
      expect(undelivered).toMatchObject([
        { usage: { idempotencyKey: "event-1" }, outcome: { failure: { code: fault } } },
      ]);
      expect(server.requests).toBe(1);
    },
  );

  test("without a spill directory, events fail once the API was away for giveUpAfterMs", async () => {
    server.options = { faultOf: () => "UNAVAILABLE" };
    const client = clientOf({ giveUpAfterMs: 20, hooks: { onUndelivered: () => {} } });
    const outcome = await client.recordAndWait(usage(1));
    expect(outcome).toMatchObject({ outcome: "FAILED", failure: { kind: "RETRYABLE", code: "UNAVAILABLE" } });
    expect(server.requests).toBeGreaterThan(1);
  });

  test("close stops waiting for an API that hangs: the rest fails as CLOSED", async () => {
    server.options = { faultOf: () => "HANG_AFTER" };
    const client = clientOf({ requestTimeoutMs: 60_000, hooks: { onUndelivered: () => {} } });
    const outcome = client.recordAndWait(usage(1));
    await client.close({ timeoutMs: 10 });
    expect(await outcome).toMatchObject({ outcome: "FAILED", failure: { code: "CLOSED" } });
    const refusedLate = client.record(usage(2));
    expect(refusedLate).toMatchObject({ accepted: false, error: { code: "CLOSED" } });
  });

  test("a hook that throws harms nothing", async () => {
    const broken = () => {
      throw new Error("hook");
    };
    const warned = new Promise((resolve) => process.once("warning", resolve));
    const client = clientOf({ hooks: { onBatch: broken } });
    expect(await client.recordAndWait(usage(1))).toEqual({ outcome: "RECORDED" });
    expect(await warned).toMatchObject({ code: "HOOK_FAILED" });
  });
});

describe("back-pressure", () => {
  test("memory never holds more than maxBuffered; ready() tells when there is room", async () => {
    server.options = { faultOf: () => "HTTP_500" };
    const refused: string[] = [];
    const client = clientOf({
      maxBuffered: 25,
      batchSize: 10,
      hooks: { onRefused: (error) => refused.push(error.code) },
    });
    const receipts = Array.from({ length: 40 }, (_, index) => client.record(usage(index + 1)));
    expect(receipts.filter((receipt) => receipt.accepted)).toHaveLength(25);
    expect(refused).toEqual(Array.from({ length: 15 }, () => "BACK_PRESSURE"));
    expect(client.buffered).toBe(25);
    const ready = client.ready();
    server.options = {};
    await ready;
    expect(client.buffered).toBeLessThan(25);
    expect(client.record(usage(41)).accepted).toBe(true);
    await client.flush();
    expect(server.ledger.size).toBe(26);
  });
});

describe("options", () => {
  test.each([
    ["batchSize", { batchSize: 1_001 }],
    ["batchSize", { batchSize: 0 }],
    ["maxBuffered", { maxBuffered: 1.5 }],
    ["url", { url: "localhost:4400" }],
    ["apiKey", { apiKey: "" }],
  ])("%s out of bounds stops start-up and is named", (name, options) => {
    const make = () => new UsageClient({ url: "http://localhost", apiKey: "ml_test", ...options });
    expect(make).toThrow(UsageClientOptionError);
    expect(make).toThrow(new RegExp(name));
  });
});
