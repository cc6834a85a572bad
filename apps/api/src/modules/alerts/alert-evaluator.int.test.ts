import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Viewer } from "../../platform/auth/index.ts";
import {
  newCustomer,
  record,
  startTestSystem,
  type TestSystem,
  testNow,
  usageItem,
} from "../../testing/test-system.ts";
import type { IngestItem } from "../ingestion/index.ts";
import type { WantedRule } from "./alert-rule-changes.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const hourMs = 3_600_000;
let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

const rule = (customerId: string, wanted: WantedRule) =>
  system.container.alerting.rules.create(null, customerId, wanted);
const evaluate = (customerId: string, forecasts = false) =>
  system.container.alerting.evaluator.evaluate(customerId, { forecasts });

async function alertsOf(customerId: string, kind: string): Promise<Record<string, unknown>[]> {
  return system.container.database.query(
    `SELECT threshold_key AS threshold, trim_scale(crossing_value)::text AS value, currency, expected_at AS expected,
       earliest_at AS earliest, latest_at AS latest
     FROM alert WHERE customer_id = $1 AND kind = $2 ORDER BY sequence`,
    [customerId, kind],
  );
}

/** So many calls in each of the hours before now, the last ones first. */
function hourly(customerId: string, hours: number, quantityOf: (hoursAgo: number) => number): IngestItem[] {
  return Array.from({ length: hours }, (_, index) => index + 1).flatMap((ago) => {
    const quantity = quantityOf(ago);
    if (quantity === 0) return [];
    const occurredAt = new Date(testNow - ago * hourMs).toISOString();
    return [usageItem({ customerId, quantity: String(quantity), occurredAt })];
  });
}

describe("money", () => {
  it("a budget of the whole bill fires at its shares, to the cent", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await rule(customerId, { kind: "BUDGET", basis: "MONEY", amount: "40", percents: ["50", "75"] });
    await evaluate(customerId);
    // The base fee of 20.00 alone is half of it.
    expect(await alertsOf(customerId, "BUDGET")).toMatchObject([{ threshold: "50 %", value: "20", currency: "USD" }]);
    // 1,000 calls past the allowance cost 10.00: 30.00 is three quarters.
    await record(system.container, usageItem({ customerId, quantity: "1099" }));
    await evaluate(customerId);
    expect(await alertsOf(customerId, "BUDGET")).toHaveLength(1);
    await record(system.container, usageItem({ customerId, quantity: "1" }));
    await evaluate(customerId);
    await evaluate(customerId);
    expect(await alertsOf(customerId, "BUDGET")).toMatchObject([{}, { threshold: "75 %", value: "30" }]);
  });

  it("usage asks for the evaluation in its own transaction, and it comes within a second or so", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await rule(customerId, { kind: "THRESHOLD", basis: "MONEY", meterKey: "calls", amount: "1" });
    await system.container.alerting.evaluator.work.drain();
    await record(system.container, usageItem({ customerId, quantity: "200" }));
    expect(await alertsOf(customerId, "THRESHOLD")).not.toContainEqual(expect.objectContaining({ currency: "USD" }));
    system.clock.advance(1_000);
    await (await system.another()).alerting.evaluator.work.drain();
    system.clock.advance(-1_000);
    expect(await alertsOf(customerId, "THRESHOLD")).toContainEqual(
      expect.objectContaining({ value: "1", currency: "USD" }),
    );
  });
});

describe("forecasts", () => {
  it("warn before a threshold is crossed, with the day and its band, once", async () => {
    const weekly = await newCustomer(system, { planKey: "weekly", startsAt: "2026-02-16T00:00:00Z" });
    await rule(weekly, { kind: "FORECAST", basis: "UNITS", meterKey: "calls", quantity: "1000" });
    await record(system.container, ...hourly(weekly, 28 * 24, () => 10));
    await evaluate(weekly, true);
    await evaluate(weekly, true);
    const [forecast, ...more] = await alertsOf(weekly, "FORECAST");
    expect(more).toEqual([]);
    // The week began today at 00:00 UTC, 10 hours ago: 100 calls. 1,000 are there after 100 hours, on the 20th at 04:00.
    const at = (side: string) => (forecast?.[side] instanceof Date ? forecast[side].getTime() : Number.NaN);
    expect(Math.abs(at("expected") - Date.parse("2026-03-20T04:00:00Z"))).toBeLessThan(3 * hourMs);
    expect(at("earliest")).toBeLessThan(at("expected"));
    expect(at("latest")).toBeGreaterThan(at("expected"));
  });

  it("say nothing where the threshold is not expected to be crossed, and nothing of money without usage", async () => {
    const customerId = await newCustomer(system, { planKey: "weekly", startsAt: "2026-02-16T00:00:00Z" });
    await rule(customerId, { kind: "FORECAST", basis: "UNITS", meterKey: "calls", quantity: "5000" });
    await rule(customerId, { kind: "FORECAST", basis: "MONEY", amount: "1000000" });
    await record(system.container, ...hourly(customerId, 14 * 24, () => 10));
    await evaluate(customerId, true);
    expect(await alertsOf(customerId, "FORECAST")).toEqual([]);
  });

  it("look again at once for a rule that was made while they were being made", async () => {
    const { projection, evaluator } = system.container.alerting;
    const customerId = await newCustomer(system, { planKey: "weekly", startsAt: "2026-02-16T00:00:00Z" });
    await record(system.container, ...hourly(customerId, 28 * 24, () => 10));
    await rule(customerId, { kind: "FORECAST", basis: "UNITS", meterKey: "calls", quantity: "100000" });
    const forecast = projection.projected.bind(projection);
    let made = 0;
    const projected = vi.spyOn(projection, "projected").mockImplementation(async (...asked) => {
      if (asked[0] === customerId && made++ === 0) {
        await rule(customerId, { kind: "FORECAST", basis: "UNITS", meterKey: "calls", quantity: "1000" });
      }
      return forecast(...asked);
    });
    await evaluator.work.drain();
    projected.mockRestore();
    expect(made).toBe(2);
    expect(await alertsOf(customerId, "FORECAST")).toHaveLength(1);
  });

  it("of the bill are rated as the bill will be", async () => {
    const customerId = await newCustomer(system, { planKey: "weekly", startsAt: "2026-02-16T00:00:00Z" });
    // 10 calls an hour at 0.10 and 5.00 a week: 173.00 at the end of it.
    await rule(customerId, { kind: "FORECAST", basis: "MONEY", amount: "100" });
    await record(system.container, ...hourly(customerId, 28 * 24, () => 10));
    await evaluate(customerId, true);
    const [forecast] = await alertsOf(customerId, "FORECAST");
    expect(Math.abs(Number(forecast?.["value"]) - 173)).toBeLessThan(3);
    const projected = await system.container.alerting.projection.projected(customerId);
    expect(projected.money?.bill.expected.total.amountMinor).toBe(
      projected.money?.bill.expected.lines.reduce((sum, line) => sum + line.amount.amountMinor, 500n),
    );
  });
});

describe("drops and spikes", () => {
  it("a meter that went silent is told once a day, and by the clock alone", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await rule(customerId, { kind: "DROP", basis: "PATTERN", meterKey: "calls" });
    await rule(customerId, { kind: "SPIKE", basis: "PATTERN", meterKey: "calls" });
    await record(system.container, ...hourly(customerId, 20 * 24, (ago) => (ago <= 4 ? 0 : 50)));
    system.clock.advance(hourMs);
    await system.container.alerting.evaluator.work.drain();
    await evaluate(customerId);
    system.clock.advance(-hourMs);
    expect(await alertsOf(customerId, "DROP")).toMatchObject([{ threshold: "DROP", value: "0" }]);
    expect(await alertsOf(customerId, "SPIKE")).toEqual([]);
    const [next] = await system.container.database.query<{ due_at: Date | null }>(
      "SELECT due_at FROM alert_evaluation WHERE customer_id = $1",
      [customerId],
    );
    expect(next?.due_at).not.toBeNull();
  });

  it("an hour of ten times the usual is a spike", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await rule(customerId, { kind: "SPIKE", basis: "PATTERN", meterKey: "calls" });
    await record(system.container, ...hourly(customerId, 20 * 24, (ago) => (ago === 1 ? 500 : 50)));
    await evaluate(customerId);
    expect(await alertsOf(customerId, "SPIKE")).toMatchObject([{ value: "500" }]);
  });
});

describe("levels", () => {
  it("cross by the clock alone: 10 seats are 1,000 seat-hours after 100 hours without any more usage", async () => {
    const customerId = await newCustomer(system, { planKey: "standard", startsAt: "2026-03-16T00:00:00Z" });
    await rule(customerId, { kind: "THRESHOLD", basis: "UNITS", meterKey: "seats", quantity: "1000" });
    const seats = { customerId, meterKey: "seats", quantity: "10", occurredAt: "2026-03-16T10:00:00Z" };
    await record(system.container, usageItem(seats));
    const { work } = system.container.alerting.evaluator;
    const crossedAfter = async (hours: number) => {
      system.clock.set(testNow + hours * hourMs);
      await work.drain();
      return (await alertsOf(customerId, "THRESHOLD")).length;
    };
    try {
      expect([await crossedAfter(1), await crossedAfter(99), await crossedAfter(101)]).toEqual([0, 0, 1]);
    } finally {
      system.clock.set(testNow);
    }
  });
});

describe("preview", () => {
  const profileOf = async (customerId: string) => {
    const [profile] = await system.container.profiles.find([{ customerId, externalCustomerId: null }]);
    if (!profile) throw new Error("the customer is there");
    return profile;
  };
  const preview = async (customerId: string, wanted: WantedRule) =>
    system.container.alerting.rules.preview(staff, await profileOf(customerId), wanted);

  it("tells on which days a rule would have fired in the period before", async () => {
    const customerId = await newCustomer(system, { planKey: "standard", startsAt: "2026-02-16T00:00:00Z" });
    // The period before: from 16 February to 16 March. 8 calls a day, from the 18th of February on.
    const days = Array.from({ length: 20 }, (_, index) => new Date(Date.UTC(2026, 1, 18 + index, 12)).toISOString());
    await record(system.container, ...days.map((occurredAt) => usageItem({ customerId, quantity: "8", occurredAt })));
    const units = await preview(customerId, { kind: "THRESHOLD", basis: "ALLOWANCE", meterKey: "calls" });
    // 80 calls after ten days: the 27th; 100 after thirteen: 2 March.
    expect(units.pastWords).toBe(
      "On the usage of the last billing period this would have fired on the 27th and the 2nd.",
    );
    expect(units.words).toBe("Tells you once a period when Calls reaches 80 and 100 % of what the plan includes.");
    // The bill is 20.00 from the start and 20.60 in the end.
    const money = await preview(customerId, {
      kind: "BUDGET",
      basis: "MONEY",
      amount: "20.6",
      percents: ["50", "100"],
    });
    expect(money.firedAt.map((at) => at.toISOString().slice(0, 10))).toEqual(["2026-02-16", "2026-03-09"]);
    const never = await preview(customerId, { kind: "THRESHOLD", basis: "UNITS", meterKey: "calls", quantity: "500" });
    expect(never.pastWords).toBe("On the usage of the last billing period this would not have fired.");
  });

  it("a rule that makes no sense is refused with every fault", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const wanted: WantedRule = { kind: "THRESHOLD", basis: "ALLOWANCE", meterKey: "calls", percents: ["0", "1000"] };
    await expect(preview(customerId, wanted)).rejects.toThrow(/0 % is reached.*1000 % is past 500 %/);
    await expect(preview(customerId, { ...wanted, percents: null, meterKey: "nothing" })).rejects.toThrow("no meter");
  });

  it("a share of an allowance that is not there says so, instead of that it did not fire", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const included = await preview(customerId, { kind: "THRESHOLD", basis: "ALLOWANCE", meterKey: "peak" });
    expect(included.pastWords).toBe("The plan includes nothing of this meter, so there is nothing to tell yet.");
  });
});
