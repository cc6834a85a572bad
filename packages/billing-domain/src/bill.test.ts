import { describe, expect, test } from "vitest";
import { type Bill, rateBill } from "./bill.ts";
import { decimal, ONE } from "./decimal.ts";
import type { PlanDefinition } from "./plan.ts";
import type { MeterUsage } from "./rating/index.ts";

const PLAN: PlanDefinition = {
  key: "growth",
  name: "Growth",
  currency: "USD",
  baseAmount: "49.00",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [
    { meterKey: "api_requests", model: "PER_UNIT", unitPrice: "0.0005" },
    { meterKey: "storage_gb", model: "PER_UNIT", unitPrice: "0.10", minimumAmount: "3" },
  ],
};

function usage(quantities: Record<string, string>): Map<string, MeterUsage> {
  const entries = Object.entries(quantities);
  return new Map(entries.map(([key, quantity]) => [key, { quantity: decimal(quantity), eventCount: 1n }]));
}

function minor(bill: Bill) {
  return {
    fee: bill.baseFee.amountMinor,
    lines: bill.lines.map((line) => line.amount.amountMinor),
    adjustments: bill.adjustments.map((adjustment) => [adjustment.label, adjustment.amount.amountMinor]),
    total: bill.total.amountMinor,
  };
}

describe("a bill", () => {
  test("is the base fee and one line for each rate card, in the plan's order", () => {
    const bill = rateBill(PLAN, usage({ storage_gb: "100", api_requests: "20000" }));
    expect(bill.lines.map((line) => line.meterKey)).toEqual(["api_requests", "storage_gb"]);
    expect(minor(bill)).toEqual({ fee: 4900n, lines: [1000n, 1000n], adjustments: [], total: 6900n });
    expect(bill.total.currency).toBe("USD");
  });

  test("rounds each line, then sums: two lines of half a cent are two cents", () => {
    const rateCards = PLAN.rateCards.map(
      (card) => ({ meterKey: card.meterKey, model: "PER_UNIT", unitPrice: "0.005" }) as const,
    );
    const bill = rateBill({ ...PLAN, baseAmount: "0", rateCards }, usage({ api_requests: "1", storage_gb: "1" }));
    expect(minor(bill)).toEqual({ fee: 0n, lines: [1n, 1n], adjustments: [], total: 2n });
  });

  test("prices a meter without usage as unused: its minimum is still owed", () => {
    expect(minor(rateBill(PLAN, new Map()))).toEqual({ fee: 4900n, lines: [0n, 300n], adjustments: [], total: 5200n });
  });

  test("leaves out a meter without a rate card", () => {
    expect(rateBill(PLAN, usage({ active_users: "1000" })).lines).toHaveLength(2);
  });

  test("of a plan without rate cards is the base fee", () => {
    expect(minor(rateBill({ ...PLAN, rateCards: [] }, new Map()))).toEqual({
      fee: 4900n,
      lines: [],
      adjustments: [],
      total: 4900n,
    });
  });

  test("is in the plan's currency, with its decimals", () => {
    const yen = rateBill({ ...PLAN, currency: "JPY", baseAmount: "5000" }, usage({ api_requests: "3000" }));
    expect(minor(yen)).toEqual({ fee: 5000n, lines: [2n, 3n], adjustments: [], total: 5005n });
    const dinar = rateBill({ ...PLAN, currency: "KWD", baseAmount: "15.125" }, usage({ api_requests: "3" }));
    expect(minor(dinar)).toEqual({ fee: 15125n, lines: [2n, 3000n], adjustments: [], total: 18127n });
  });
});

describe("minimum and maximum of the bill", () => {
  const bounded: PlanDefinition = { ...PLAN, minimumAmount: "60", maximumAmount: "100" };

  test("look at base fee and lines together: a cent below the minimum is topped up", () => {
    // 49 + 3 + 7.99 = 59.99
    expect(minor(rateBill(bounded, usage({ api_requests: "15980" })))).toEqual({
      fee: 4900n,
      lines: [799n, 300n],
      adjustments: [["Minimum charge", 1n]],
      total: 6000n,
    });
  });

  test("leave a bill at either bound alone", () => {
    expect(minor(rateBill(bounded, usage({ api_requests: "16000" }))).adjustments).toEqual([]);
    expect(minor(rateBill(bounded, usage({ api_requests: "96000" })))).toMatchObject({
      adjustments: [],
      total: 10000n,
    });
  });

  test("cut a bill above the maximum", () => {
    expect(minor(rateBill(bounded, usage({ api_requests: "96020" })))).toMatchObject({
      adjustments: [["Maximum charge", -1n]],
      total: 10000n,
    });
  });
});

describe("a shorter period", () => {
  const third = ONE.div(decimal("3"));

  test("prorates the base fee and not the usage", () => {
    const bill = rateBill(PLAN, usage({ api_requests: "20000", storage_gb: "100" }), { periodShare: third });
    // 49 / 3 = 16.333…
    expect(minor(bill)).toEqual({ fee: 1633n, lines: [1000n, 1000n], adjustments: [], total: 3633n });
  });

  test("keeps the bill's minimum unless the plan says prorate", () => {
    const plan: PlanDefinition = { ...PLAN, rateCards: [], minimumAmount: "60" };
    expect(minor(rateBill(plan, new Map(), { periodShare: third }))).toMatchObject({
      adjustments: [["Minimum charge", 4367n]],
      total: 6000n,
    });
    expect(minor(rateBill({ ...plan, prorate: true }, new Map(), { periodShare: third }))).toMatchObject({
      adjustments: [["Minimum charge", 367n]],
      total: 2000n,
    });
  });

  test("rounds the prorated fee half up: half of 0.01 is a cent", () => {
    const plan: PlanDefinition = { ...PLAN, baseAmount: "0.01", rateCards: [] };
    expect(minor(rateBill(plan, new Map(), { periodShare: decimal("0.5") })).fee).toBe(1n);
    expect(minor(rateBill(plan, new Map(), { periodShare: decimal("0.499999999999") })).fee).toBe(0n);
  });

  test("of no length owes no base fee", () => {
    expect(minor(rateBill({ ...PLAN, rateCards: [] }, new Map(), { periodShare: decimal("0") })).total).toBe(0n);
  });
});

test("a card that carries negative totals is refused without the number, even for an unused meter", () => {
  const rateCards = [{ meterKey: "units_ordered", model: "PER_UNIT", unitPrice: "1", carryNegative: true } as const];
  expect(() => rateBill({ ...PLAN, rateCards }, new Map())).toThrow(/carriedQuantity/);
});
