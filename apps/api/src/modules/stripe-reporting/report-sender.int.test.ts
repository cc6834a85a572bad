import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ReportQueue } from "./report-queue.repository.ts";
import { type ReportingBench, startReporting } from "./reporting.testing.ts";

const HOUR = 3_600_000;
let bench: ReportingBench;
beforeAll(async () => {
  bench = await startReporting({ timeoutMs: 1_000 });
});
afterEach(() => bench.sandbox.faults.clear());
afterAll(() => bench.close());

const states = async (customerId: string) => {
  const rows = await bench.system.container.database.query<{ state: string; delta: string; failure_code: string }>(
    `SELECT state, trim_scale(delta)::text AS delta, failure_code FROM meter_report WHERE customer_id = $1
     ORDER BY sequence`,
    [customerId],
  );
  return rows.map((row) => `${row.delta} ${row.state}${row.state === "DEAD" ? ` ${row.failure_code}` : ""}`);
};
const usedByNew = async (...quantities: string[]) => {
  const customer = await bench.linkedCustomer();
  for (const quantity of quantities) {
    await bench.use(customer.customerId, quantity);
    await bench.planner.planDue();
  }
  return customer;
};
const later = (ms = 5_000) => bench.system.clock.advance(ms);
const meterEvents = "/v1/billing/meter_events";
const fault = (effect: Parameters<typeof bench.sandbox.faults.add>[0]["effect"], left: number | null, rate = 1) =>
  bench.sandbox.faults.add({ effect, path: meterEvents, method: null, rate, left });

describe("planned and sent", () => {
  test("usage is told as differences, each once", async () => {
    const customer = await bench.linkedCustomer();
    const sender = bench.newSender();
    await bench.use(customer.customerId, "2.5");
    expect(await bench.planner.planDue()).toMatchObject({ planned: 1, refused: 0 });
    expect(await bench.planner.planDue()).toMatchObject({ planned: 0 });
    await bench.use(customer.customerId, "4");
    await bench.planner.planDue();
    expect(await sender.drain()).toBe(2);
    later();
    expect(await bench.counted(customer)).toBe("6.5");
    expect(await states(customer.customerId)).toEqual(["2.5 ACCEPTED", "4 ACCEPTED"]);
    expect(await sender.drain()).toBe(0);
    expect(sender.held).toBe(0);
  });

  test("more than 15 digits are told in parts that sum to it", async () => {
    const customer = await usedByNew("1234567890123456.25");
    await bench.newSender().drain();
    later();
    expect(await states(customer.customerId)).toEqual([
      "999999999999999 ACCEPTED",
      "234567890123457 ACCEPTED",
      "0.25 ACCEPTED",
    ]);
    expect(await bench.counted(customer)).toBe("1234567890123456.2");
  });

  test("MAX and UNIQUE_COUNT are told as differences of the aggregate, the latest value as it is", async () => {
    const customer = await bench.linkedCustomer();
    const sender = bench.newSender();
    for (const [meterKey, quantities] of [
      ["peak", ["3", "7", "5"]],
      ["latest", ["9", "4"]],
    ] as const) {
      for (const quantity of quantities) {
        await bench.use(customer.customerId, quantity, meterKey);
        await bench.planner.planDue();
        await sender.drain();
        later(1_000);
      }
    }
    later();
    expect(await bench.counted({ ...customer, meterKey: "peak" })).toBe("7");
    expect(await bench.counted({ ...customer, meterKey: "latest" })).toBe("4");
  });

  test("a value that waits behind one whose meter is deactivated keeps nobody else from being planned", async () => {
    const held = await bench.linkedCustomer();
    for (const level of ["5", "7"]) {
      await bench.use(held.customerId, level, "latest");
      await bench.planner.planDue();
      later();
    }
    const { database } = bench.system.container;
    const setActive = (active: boolean) =>
      database.query("UPDATE stripe_meter SET active = $1 WHERE event_name = 'latest'", [active]);
    await setActive(false);
    await bench.newSender().drain();
    later(HOUR / 2);
    await bench.newSender().drain();
    expect(await states(held.customerId)).toEqual(["5 PENDING", "2 PENDING"]);
    const other = await bench.linkedCustomer();
    await bench.use(other.customerId, "3");
    expect(await bench.planner.planDue()).toMatchObject({ planned: 1, paused: false });
    await setActive(true);
    later(HOUR / 2);
    await bench.newSender().drain();
    await bench.newSender().drain();
    expect(await states(held.customerId)).toEqual(["5 ACCEPTED", "2 ACCEPTED"]);
    expect(await states(other.customerId)).toEqual(["3 ACCEPTED"]);
  });

  test("two planners at once write a difference once", async () => {
    const customer = await bench.linkedCustomer();
    await bench.use(customer.customerId, "8");
    await Promise.all([bench.planner.planDue(), bench.planner.planDue(), bench.planner.planDue()]);
    expect(await states(customer.customerId)).toEqual(["8 PENDING"]);
    await bench.newSender().drain();
  });
});

describe("what goes wrong on the way", () => {
  test.each([
    ["the answer is lost after the work", { kind: "drop" }],
    ["the connection is cut before the work", { kind: "refuse" }],
    ["500 before the work", { kind: "fail", status: 500 }],
    ["500 after the work, replayed under the same key", { kind: "fail_after" }],
    ["a rate limit", { kind: "fail", status: 429 }],
    ["a lock", { kind: "fail", status: 409 }],
    ["an answer that takes too long", { kind: "delay", delayMs: 1_500 }],
  ] as const)("%s: told once in the end", async (_, effect) => {
    const customer = await usedByNew("5", "6");
    const sender = bench.newSender();
    fault(effect, 2);
    await sender.drain();
    bench.sandbox.faults.clear();
    // A call that was given up may still be running at Stripe, in real time.
    const afterAnotherTry = async () => {
      later(60_000);
      await sender.drain();
      return states(customer.customerId);
    };
    await expect.poll(afterAnotherTry, { timeout: 20_000, interval: 100 }).toEqual(["5 ACCEPTED", "6 ACCEPTED"]);
    later();
    expect(await bench.counted(customer)).toBe("11");
  });

  test("an hour's outage stops the sending, and all of it is told once afterwards", async () => {
    const customers = [];
    for (let count = 0; count < 15; count += 1) customers.push(await usedByNew("1"));
    const sender = bench.newSender();
    fault({ kind: "refuse" }, null);
    for (let minute = 0; minute < 60; minute += 5) {
      await sender.drain();
      later(300_000);
    }
    bench.sandbox.faults.clear();
    await sender.drain();
    later(300_000);
    await sender.drain();
    later();
    for (const customer of customers) {
      expect(await states(customer.customerId)).toEqual(["1 ACCEPTED"]);
      expect(await bench.counted(customer)).toBe("1");
    }
  });

  test("a seeded tenth of everything failing in every way: each counted once", async () => {
    const customers = [];
    for (let count = 0; count < 12; count += 1) customers.push(await usedByNew("1.5", "2", "0.25"));
    const sender = bench.newSender();
    for (const effect of [
      { kind: "drop" },
      { kind: "refuse" },
      { kind: "fail", status: 500 },
      { kind: "fail_after" },
      { kind: "fail", status: 429 },
    ] as const) {
      fault(effect, null, 0.1);
    }
    for (let turn = 0; turn < 8; turn += 1) {
      await sender.drain();
      later(HOUR / 4);
    }
    bench.sandbox.faults.clear();
    await sender.drain();
    later();
    for (const customer of customers) expect(await bench.counted(customer)).toBe("3.75");
  });

  test("what Stripe refuses is a dead letter with its reason, and the rest goes on", async () => {
    const lost = await usedByNew("1");
    const fine = await usedByNew("2");
    await bench.gateway.stripe.customers.del(lost.stripeCustomerId);
    const sender = bench.newSender();
    await sender.drain();
    later();
    expect(await states(lost.customerId)).toEqual(["1 DEAD resource_missing"]);
    expect(await bench.counted(fine)).toBe("2");
  });
});

/** On a busy machine a condition may take its time. */
const patient = { timeout: 30_000 };

describe("a sender that dies", () => {
  test("between taking up and sending: the next one sends", async () => {
    const customer = await usedByNew("3");
    await bench.queue.claim(bench.system.clock.now(), 100);
    expect(await states(customer.customerId)).toEqual(["3 SENDING"]);
    await bench.queue.recover(bench.system.clock.now());
    await bench.newSender().drain();
    later();
    expect(await bench.counted(customer)).toBe("3");
  });

  test("between the call and its settling: the next one hears that it is done", async () => {
    const customer = await usedByNew("3");
    const dying = bench.newSender();
    const held = fault({ kind: "delay", delayMs: 1_000 }, 1);
    const drained = dying.drain();
    // It is SENDING before it is sent; what dies then never called.
    await expect.poll(() => held.left, patient).toBe(0);
    expect(await states(customer.customerId)).toEqual(["3 SENDING"]);
    dying.abandon();
    await drained;
    // Its call arrives all the same.
    await expect.poll(async () => (later(3_000), bench.counted(customer)), patient).toBe("3");
    await bench.queue.recover(bench.system.clock.now());
    await bench.newSender().drain();
    later();
    expect(await states(customer.customerId)).toEqual(["3 ACCEPTED"]);
    expect(await bench.counted(customer)).toBe("3");
  });

  test("of a database that is away while it settles: the same sender goes on when the database is back", async () => {
    const customer = await usedByNew("3", "4");
    const away = new ReportQueue(bench.system.container.database);
    let failures = 1;
    const settle = away.settle.bind(away);
    away.settle = (attempts) => (failures-- > 0 ? Promise.reject(new Error("the database is away")) : settle(attempts));
    const sender = bench.newSender(away);
    await expect(sender.drain()).rejects.toThrow("the database is away");
    expect(sender.held).toBe(0);
    expect(await states(customer.customerId)).toEqual(["3 SENDING", "4 SENDING"]);
    await bench.queue.recover(bench.system.clock.now());
    await sender.drain();
    expect(sender.held).toBe(0);
    expect(await states(customer.customerId)).toEqual(["3 ACCEPTED", "4 ACCEPTED"]);
    later();
    expect(await bench.counted(customer)).toBe("7");
  });

  test("a settling that comes too late changes nothing of what the next one has taken up", async () => {
    const customer = await usedByNew("3");
    const [report] = await bench.queue.claim(bench.system.clock.now(), 1);
    await bench.queue.recover(bench.system.clock.now());
    await bench.queue.claim(bench.system.clock.now(), 1);
    if (report === undefined) throw new Error("nothing was taken up");
    const late = { state: "DEAD", nextAttemptAt: null, doubtfulSince: null, settledAt: null } as const;
    await bench.queue.settle([{ report, ...late, keyGeneration: 0, failure: null }]);
    expect(await states(customer.customerId)).toEqual(["3 SENDING"]);
    await bench.queue.recover(bench.system.clock.now());
    await bench.newSender().drain();
    later();
    expect(await bench.counted(customer)).toBe("3");
  });
});
