import { describe, expect, test } from "vitest";
import { type Bill, rateBill } from "../bill.ts";
import { decimal, formatDecimal } from "../decimal.ts";
import type { PlanDefinition } from "../plan.ts";
import type { MeterUsage } from "../rating/index.ts";
import { type LateLine, lateLinesOf, totalWithLate } from "./late-usage.ts";

/** 100 included, then 10 cents up to 1,000 and 5 cents above; storage at least 5 dollars, at most 20. */
const PLAN: PlanDefinition = {
  key: "p",
  name: "P",
  currency: "USD",
  baseAmount: "20",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [
    {
      meterKey: "calls",
      model: "GRADUATED",
      includedQuantity: "100",
      tiers: [
        { upTo: "1000", unitPrice: "0.10" },
        { upTo: null, unitPrice: "0.05" },
      ],
    },
    { meterKey: "storage", model: "PER_UNIT", unitPrice: "1", minimumAmount: "5", maximumAmount: "20" },
  ],
};
const source = { startAt: Date.parse("2026-10-01T00:00:00Z"), endAt: Date.parse("2026-11-01T00:00:00Z") };

function billOf(quantities: Record<string, string>, plan = PLAN): Bill {
  const usages = Object.entries(quantities).map(([key, quantity]): [string, MeterUsage] => [
    key,
    { quantity: decimal(quantity), eventCount: 1n },
  ]);
  return rateBill(plan, new Map(usages));
}

const late = (frozen: Bill, known: Bill, billedLate: readonly LateLine[] = []) =>
  lateLinesOf({ source, frozen, known, billedLate });
const told = (lines: readonly LateLine[]) =>
  lines.map((line) => [line.meterKey, formatDecimal(line.quantity), line.amount.amountMinor]);

describe("late usage", () => {
  test("is priced in the tiers of the period it belongs to: 1,050 billed, 100 late are 50 at 10 cents and 50 at 5", () => {
    // 1,050 - 100 = 950 at 0.10 = 95.00; 1,150 - 100 = 1,000 at 0.10 + 50 at 0.05 = 102.50.
    const [line, ...rest] = late(billOf({ calls: "1050" }), billOf({ calls: "1150" }));
    expect(rest).toEqual([]);
    expect(told(line === undefined ? [] : [line])).toEqual([["calls", "100", 750n]]);
    expect(line?.source).toEqual(source);
    expect(line?.billed.amount.amountMinor).toBe(9500n);
    expect(line?.known?.amount.amountMinor).toBe(10250n);
  });

  test("within the allowance that was left is a line of units that costs nothing", () => {
    expect(told(late(billOf({ calls: "60" }), billOf({ calls: "100" })))).toEqual([["calls", "40", 0n]]);
    expect(told(late(billOf({ calls: "60" }), billOf({ calls: "101" })))).toEqual([["calls", "41", 10n]]);
  });

  test("taken back is a negative line: 1,150 billed, 100 voided give 7.50 back", () => {
    expect(told(late(billOf({ calls: "1150" }), billOf({ calls: "1050" })))).toEqual([["calls", "-100", -750n]]);
  });

  test("below a line's minimum costs nothing more: 3 units are billed 5 dollars, and 4 are too", () => {
    expect(told(late(billOf({ storage: "3" }), billOf({ storage: "4" })))).toEqual([["storage", "1", 0n]]);
    expect(told(late(billOf({ storage: "3" }), billOf({ storage: "7" })))).toEqual([["storage", "4", 200n]]);
  });

  test("above a line's maximum costs nothing more: 18 units and 10 late are 20 dollars in all", () => {
    expect(told(late(billOf({ storage: "18" }), billOf({ storage: "28" })))).toEqual([["storage", "10", 200n]]);
  });

  test("is what was not billed yet: late lines of earlier statements count as billed", () => {
    const frozen = billOf({ calls: "1050" });
    const first = late(frozen, billOf({ calls: "1150" }));
    expect(late(frozen, billOf({ calls: "1150" }), first)).toEqual([]);
    const second = late(frozen, billOf({ calls: "1152" }), first);
    expect(told(second)).toEqual([["calls", "2", 10n]]);
    expect(second[0]?.billed.quantity.eq(decimal("1150"))).toBe(true);
  });

  test("of a meter that was not used before is all of it", () => {
    expect(told(late(billOf({}), billOf({ calls: "110" })))).toEqual([["calls", "110", 100n]]);
  });

  test("moves the bill's own minimum: what usage adds, the top-up no longer does", () => {
    // Base fee 20 and storage's own 5 make 25, topped up to 40. With 100 calls at 10 cents late: 35, topped up by 5.
    const plan = { ...PLAN, minimumAmount: "40" };
    const lines = late(billOf({}, plan), billOf({ calls: "200" }, plan));
    expect(told(lines)).toEqual([
      ["calls", "200", 1000n],
      [null, "0", -1000n],
    ]);
  });

  test("is added to what a period comes to", () => {
    const lines = late(billOf({ calls: "1050" }), billOf({ calls: "1150" }));
    expect(totalWithLate(billOf({}), lines).amountMinor).toBe(2500n + 750n);
  });

  test("none, when nothing came", () => {
    expect(late(billOf({ calls: "5" }), billOf({ calls: "5" }))).toEqual([]);
  });
});
