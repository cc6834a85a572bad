import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimal, formatDecimal, ONE, sumDecimals } from "../decimal.ts";
import { type PlanDefinition, parsePlanDefinition } from "../plan.ts";
import type { MeterUsage } from "../rating/index.ts";
import type { PeriodForecast } from "./forecast-period.ts";
import { grownUsage, projectBill } from "./project-bill.ts";

function plan(...rateCards: object[]): PlanDefinition {
  const parsed = parsePlanDefinition({
    key: "p",
    name: "P",
    currency: "USD",
    baseAmount: "20",
    interval: "MONTH",
    intervalCount: 1,
    rateCards,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.plan;
}

function forecast(low: string, expected: string, high: string): PeriodForecast {
  return {
    low: decimal(low),
    expected: decimal(expected),
    high: decimal(high),
    path: [],
    method: "PATTERN",
    daysKnown: 60,
  };
}

const context = { periodShare: ONE, periodEndAt: Date.UTC(2026, 3, 1) };
const totals = (bill: ReturnType<typeof projectBill>) =>
  [bill.low, bill.expected, bill.high].map((one) => one.total.amountMinor);

describe("projectBill", () => {
  it("rates what is forecast as it will be billed: 0.10 a unit past 100, on a base fee of 20.00", () => {
    const usage: MeterUsage = { quantity: decimal("50"), eventCount: 5n };
    const card = { meterKey: "calls", model: "PER_UNIT", unitPrice: "0.1", includedQuantity: "100" };
    const bill = projectBill(
      plan(card),
      new Map([["calls", { usage, forecast: forecast("90", "150", "300") }]]),
      context,
    );
    expect(totals(bill)).toEqual([2_000n, 2_500n, 4_000n]);
  });

  it("low is the lower bill also where more usage costs less", () => {
    const usage: MeterUsage = { quantity: decimal("50"), eventCount: 5n };
    const tiers = [
      { upTo: "100", unitPrice: "1" },
      { upTo: null, unitPrice: "0.1" },
    ];
    const card = { meterKey: "calls", model: "VOLUME", tiers };
    const bill = projectBill(
      plan(card),
      new Map([["calls", { usage, forecast: forecast("90", "100", "200") }]]),
      context,
    );
    // 90 at 1.00 is 90, 100 is 100, 200 at 0.10 is 20; with the base fee 110, 120 and 40. 120 is expected, and the most.
    expect(totals(bill)).toEqual([4_000n, 12_000n, 12_000n]);
  });

  it("a matrix splits what is to come as what has come, and the parts sum to the whole", () => {
    const byDimension = [
      { values: ["a"], quantity: decimal("2") },
      { values: ["b"], quantity: decimal("1") },
    ];
    const grown = grownUsage(
      { quantity: decimal("3"), eventCount: 3n, groupBy: ["model"], byDimension },
      decimal("10"),
      0,
    );
    const [a, b] = grown.byDimension ?? [];
    expect(a && b && formatDecimal(a.quantity.plus(b.quantity))).toBe("10");
    expect(b && formatDecimal(b.quantity.round(4))).toBe("3.3333");
  });

  it("events that are made for what is to come sum to it exactly, also where it does not divide", () => {
    const event = (quantity: string) => ({ quantity: decimal(quantity), occurredAt: 1 });
    const summed = (events: Iterable<{ quantity: ReturnType<typeof decimal> }> | undefined) =>
      formatDecimal(sumDecimals([...(events ?? [])].map((one) => one.quantity)));
    const usage: MeterUsage = { quantity: decimal("7"), eventCount: 3n, events: [event("3"), event("3"), event("1")] };
    expect(summed(grownUsage(usage, decimal("23.45"), 9).events)).toBe("23.45");
    const unused: MeterUsage = { quantity: decimal("0"), eventCount: 0n, events: [] };
    expect(summed(grownUsage(unused, decimal("10"), 9).events)).toBe("10");
    expect(summed(grownUsage(usage, decimal("5"), 9).events)).toBe("5");
  });

  it("a price by event counts as many events of the average size as are to come", () => {
    const events = ["10", "30"].map((quantity) => ({ quantity: decimal(quantity), occurredAt: 0 }));
    const grown = grownUsage({ quantity: decimal("40"), eventCount: 2n, events }, decimal("100"), 9);
    expect([...(grown.events ?? [])].map((event) => formatDecimal(event.quantity))).toEqual([
      "10",
      "30",
      "20",
      "20",
      "20",
    ]);
  });

  it("whatever is to come, the events are the target exactly: a percentage is rated from them", () => {
    const quantity = fc.integer({ min: -50, max: 5_000 }).map((cents) => decimal(String(cents)).div("100"));
    fc.assert(
      fc.property(fc.array(quantity, { maxLength: 8 }), quantity, (quantities, more) => {
        const events = quantities.map((one) => ({ quantity: one, occurredAt: 0 }));
        const now = sumDecimals(quantities);
        const target = now.plus(more);
        const grown = grownUsage({ quantity: now, eventCount: BigInt(events.length), events }, target, 9);
        expect(sumDecimals([...(grown.events ?? [])].map((event) => event.quantity)).eq(target)).toBe(true);
      }),
    );
  });
});
