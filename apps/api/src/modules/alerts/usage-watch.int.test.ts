import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newCustomer, record, startTestSystem, type TestSystem, usageItem } from "../../testing/test-system.ts";
import type { Container } from "../../container.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

/** What a customer was warned of, in order: kind, basis, threshold and the value that crossed it. */
async function alertsOf(customerId: string): Promise<string[]> {
  const rows = await system.container.database.query<Record<string, string>>(
    `SELECT a.sequence, a.kind, a.basis, a.threshold_key, trim_scale(a.crossing_value)::text AS value, a.generation, m.key
     FROM alert a LEFT JOIN meter m ON m.id = a.meter_id WHERE a.customer_id = $1 ORDER BY a.sequence`,
    [customerId],
  );
  return rows.map(
    (row) =>
      `${row["key"]} ${row["kind"]} ${row["basis"]} ${row["threshold_key"]} at ${row["value"]} gen ${row["generation"]}`,
  );
}

const used = (customerId: string, quantity: string, overrides = {}) =>
  usageItem({ customerId, quantity, ...overrides });

describe("thresholds of an allowance, as usage is recorded", () => {
  it("80 % of 100 fires at the unit that reaches it, once, then 100 %", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await record(system.container, used(customerId, "79.999999"));
    expect(await alertsOf(customerId)).toEqual([]);
    await record(system.container, used(customerId, "0.000001"));
    expect(await alertsOf(customerId)).toEqual(["calls THRESHOLD ALLOWANCE 80 % at 80 gen 0"]);
    await record(system.container, used(customerId, "5"));
    await record(system.container, used(customerId, "30"));
    await record(system.container, used(customerId, "1000"));
    expect(await alertsOf(customerId)).toEqual([
      "calls THRESHOLD ALLOWANCE 80 % at 80 gen 0",
      "calls THRESHOLD ALLOWANCE 100 % at 115 gen 0",
    ]);
  });

  it("one event past both fires both, the lower first", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await record(system.container, used(customerId, "500"));
    expect(await alertsOf(customerId)).toEqual([
      "calls THRESHOLD ALLOWANCE 80 % at 500 gen 0",
      "calls THRESHOLD ALLOWANCE 100 % at 500 gen 0",
    ]);
  });

  it("usage that is undone by a duplicate key or refused crosses nothing", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const item = used(customerId, "79");
    await record(system.container, item, item, { ...item, quantity: "500" });
    await record(system.container, used(customerId, "-1"));
    expect(await alertsOf(customerId)).toEqual([]);
  });

  it("usage of an earlier period does not cross this one's, and a new period is armed again", async () => {
    const customerId = await newCustomer(system, { planKey: "weekly", startsAt: "2026-03-02T00:00:00Z" });
    await system.container.alerting.rules.create(null, customerId, {
      kind: "THRESHOLD",
      basis: "UNITS",
      meterKey: "calls",
      quantity: "50",
      percents: ["100"],
    });
    await record(system.container, used(customerId, "60", { occurredAt: "2026-03-04T00:00:00Z" }));
    expect(await alertsOf(customerId)).toEqual([]);
    await record(system.container, used(customerId, "60", { occurredAt: "2026-03-16T01:00:00Z" }));
    expect(await alertsOf(customerId)).toEqual(["calls THRESHOLD UNITS 100 % at 60 gen 0"]);
    system.clock.advance(7 * 86_400_000);
    try {
      await record(system.container, used(customerId, "70", { occurredAt: "2026-03-23T01:00:00Z" }));
    } finally {
      system.clock.advance(-7 * 86_400_000);
    }
    expect(await alertsOf(customerId)).toHaveLength(2);
  });

  it("MAX, COUNT and UNIQUE_COUNT are judged by what they measure", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const rule = (meterKey: string, quantity: string) =>
      system.container.alerting.rules.create(null, customerId, {
        kind: "THRESHOLD",
        basis: "UNITS",
        meterKey,
        quantity,
        percents: ["100"],
      });
    await rule("peak", "10");
    await rule("events", "2");
    await rule("users", "2");
    const user = (name: string) => used(customerId, "1", { meterKey: "users", properties: { user: name } });
    const counted = () => used(customerId, "7", { meterKey: "events" });
    await record(system.container, used(customerId, "9", { meterKey: "peak" }), counted(), user("ann"), user("ann"));
    expect(await alertsOf(customerId)).toEqual([]);
    await record(system.container, used(customerId, "10", { meterKey: "peak" }), counted(), user("bob"));
    expect((await alertsOf(customerId)).toSorted()).toEqual([
      "events THRESHOLD UNITS 100 % at 2 gen 0",
      "peak THRESHOLD UNITS 100 % at 10 gen 0",
      "users THRESHOLD UNITS 100 % at 2 gen 0",
    ]);
  });
});

describe("many writers, two processes", () => {
  it("a threshold that all of them cross is raised exactly once, and sequences have no two alike", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const other = await system.another();
    const writers: Container[] = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? system.container : other));
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(writers.map((container) => record(container, used(customerId, "1"))));
    }
    // What a process learned after the other had crossed is raised behind its commit, or by the evaluation.
    await system.container.alerting.evaluator.evaluate(customerId, { forecasts: false });
    const alerts = await alertsOf(customerId);
    expect(alerts.map((alert) => alert.split(" at ")[0])).toEqual([
      "calls THRESHOLD ALLOWANCE 80 %",
      "calls THRESHOLD ALLOWANCE 100 %",
    ]);
  });

  it("many customers in one group are each warned once, and nothing deadlocks", async () => {
    const customers = await Promise.all(Array.from({ length: 12 }, () => newCustomer(system, { planKey: "standard" })));
    const other = await system.another();
    const all = (container: Container) => {
      const shuffled = customers.toSorted(() => Math.random() - 0.5);
      return record(container, ...shuffled.map((customerId) => used(customerId, "45")));
    };
    await Promise.all([all(system.container), all(other), all(system.container), all(other)]);
    for (const customerId of customers) {
      await system.container.alerting.evaluator.evaluate(customerId, { forecasts: false });
      expect(await alertsOf(customerId)).toHaveLength(2);
    }
  });
});

describe("what recording usage could not see", () => {
  it("a process that ends right after its commit loses nothing: the evaluation that usage asked for raises it", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const { database } = system.container;
    await record(system.container, used(customerId, "1"));
    // As another process would that knew no better: the total moves, and nobody has looked at it.
    await database.query("UPDATE usage_period_total SET quantity_sum = 90 WHERE customer_id = $1", [customerId]);
    expect(await alertsOf(customerId)).toEqual([]);
    system.clock.advance(301_000);
    const survivor = await system.another();
    await survivor.alerting.evaluator.work.drain();
    expect(await alertsOf(customerId)).toEqual(["calls THRESHOLD ALLOWANCE 80 % at 90 gen 0"]);
  });

  it("a raised allowance re-arms within the period, a lowered one does not", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await record(system.container, used(customerId, "85"));
    const rules = system.container.alerting.rules;
    const rule = await rules.create(null, customerId, {
      kind: "THRESHOLD",
      basis: "UNITS",
      meterKey: "calls",
      quantity: "80",
      percents: ["100"],
    });
    const evaluate = () => system.container.alerting.evaluator.evaluate(customerId, { forecasts: false });
    await evaluate();
    await rules.update(null, customerId, rule.id, { quantity: "84" });
    await evaluate();
    await rules.update(null, customerId, rule.id, { quantity: "50" });
    await evaluate();
    await rules.update(null, customerId, rule.id, { quantity: "84" });
    await evaluate();
    expect((await alertsOf(customerId)).slice(1)).toEqual([
      "calls THRESHOLD UNITS 100 % at 85 gen 0",
      "calls THRESHOLD UNITS 100 % at 85 gen 1",
    ]);
  });

  it("a customer without rules asks for no evaluation", async () => {
    const customerId = await newCustomer(system);
    await record(system.container, used(customerId, "500"));
    const rows = await system.container.database.query("SELECT FROM alert_evaluation WHERE customer_id = $1", [
      customerId,
    ]);
    expect(rows).toEqual([]);
  });
});

describe("limits", () => {
  const limit = (customerId: string, definition: object) =>
    system.container.limiting.limits.set(null, customerId, definition);

  it("a hard limit warns at 80 %, and is critical once it refuses, also before its last unit is used", async () => {
    const customerId = await newCustomer(system);
    await limit(customerId, { policy: "HARD", meterKey: "calls", quantity: "1000" });
    await record(system.container, used(customerId, "850"));
    const [refused] = await record(system.container, used(customerId, "200"));
    expect(refused?.outcome).toBe("REJECTED");
    await record(system.container, used(customerId, "300"));
    expect(await alertsOf(customerId)).toEqual([
      "calls THRESHOLD LIMIT 80 % at 850 gen 0",
      "calls THRESHOLD LIMIT 100 % at 850 gen 0",
    ]);
    const [critical] = await system.container.database.query(
      "SELECT severity FROM alert WHERE customer_id = $1 AND threshold_key = '100 %'",
      [customerId],
    );
    expect(critical).toEqual({ severity: "CRITICAL" });
  });

  it.each(["HARD", "NOTIFY"])("a %s limit of a day is judged too, once a day", async (policy) => {
    const customerId = await newCustomer(system);
    await limit(customerId, {
      policy,
      meterKey: "calls",
      quantity: "10",
      period: "DAY",
      warnAtPercent: [50],
    });
    const at = (day: string) => ({ occurredAt: `2026-03-${day}T01:00:00Z` });
    await record(system.container, used(customerId, "6", at("16")), used(customerId, "3", at("15")));
    // What only watches is not decided in the transaction, and left to the evaluation a second later.
    const evaluate = () => system.container.alerting.evaluator.evaluate(customerId, { forecasts: false });
    if (policy === "NOTIFY") await evaluate();
    await record(system.container, used(customerId, "1", at("16")));
    expect(await alertsOf(customerId)).toEqual(["calls THRESHOLD LIMIT 50 % at 6 gen 0"]);
    await record(system.container, used(customerId, "3", at("16")));
    if (policy === "NOTIFY") await evaluate();
    expect(await alertsOf(customerId)).toHaveLength(2);
  });

  it("a raised limit re-arms its thresholds, the same one set again does not", async () => {
    const customerId = await newCustomer(system);
    await limit(customerId, { policy: "SOFT", meterKey: "calls", quantity: "100" });
    await record(system.container, used(customerId, "85"));
    await limit(customerId, { policy: "SOFT", meterKey: "calls", quantity: "200" });
    await record(system.container, used(customerId, "85"));
    await limit(customerId, { policy: "SOFT", meterKey: "calls", quantity: "200" });
    await record(system.container, used(customerId, "1"));
    expect(await alertsOf(customerId)).toEqual([
      "calls THRESHOLD LIMIT 80 % at 85 gen 0",
      "calls THRESHOLD LIMIT 80 % at 170 gen 1",
    ]);
  });
});
