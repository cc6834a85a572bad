import { describe, expect, test } from "vitest";
import { decimal, formatDecimal, ZERO } from "../decimal.ts";
import type { PercentagePrice } from "../price-model.ts";
import { percentageNeedsEvents, ratePercentage } from "./percentage.ts";
import { rowsOf, used, usedInEvents } from "./rows.testing.ts";

const RATE: PercentagePrice = { model: "PERCENTAGE", ratePercent: "2.9" };

describe("percentage of a period's total", () => {
  test("the rate is taken of the total", () => {
    const { tiers, billableQuantity } = ratePercentage(RATE, used("1000"), ZERO);
    expect(rowsOf(tiers)).toEqual([["2.9% of the amount", "1000", "29"]]);
    expect(formatDecimal(billableQuantity)).toBe("1000");
  });

  test("the fixed fee is charged for every event, whatever its amount", () => {
    const { tiers } = ratePercentage({ ...RATE, fixedAmount: "0.30" }, used("1000", { eventCount: 40n }), ZERO);
    expect(rowsOf(tiers)).toEqual([
      ["2.9% of the amount", "1000", "29"],
      ["Fixed fee per event", "40", "12"],
    ]);
  });

  test("the free amount comes off the total: its last cent is free, the next is not", () => {
    const amounts = ["499.99", "500", "500.01"].map((total) => {
      const { tiers } = ratePercentage(RATE, used(total), decimal("500"));
      return rowsOf(tiers)[0]?.[2];
    });
    expect(amounts).toEqual(["0", "0", "0.00029"]);
  });

  test("a negative total is priced as zero, but its events still pay the fixed fee", () => {
    const { tiers, billableQuantity } = ratePercentage(
      { ...RATE, fixedAmount: "0.30" },
      used("-50", { eventCount: 2n }),
      ZERO,
    );
    expect(rowsOf(tiers)).toEqual([
      ["2.9% of the amount", "0", "0"],
      ["Fixed fee per event", "2", "0.6"],
    ]);
    expect(formatDecimal(billableQuantity)).toBe("0");
  });

  test("no value is priced as zero", () => {
    const { tiers } = ratePercentage(RATE, { quantity: null, eventCount: 0n }, ZERO);
    expect(rowsOf(tiers)).toEqual([["2.9% of the amount", "0", "0"]]);
  });

  test("a rate is shown by its label, not as a unit price", () => {
    const { tiers } = ratePercentage({ ...RATE, fixedAmount: "0.30" }, used("10"), ZERO);
    expect(tiers.map((row) => row.unitPrice && formatDecimal(row.unitPrice))).toEqual([null, "0.3"]);
  });
});

describe("whether a percentage needs its events", () => {
  const needs = (terms: Partial<PercentagePrice>, freeAmount = "0") =>
    percentageNeedsEvents({ ...RATE, ...terms }, decimal(freeAmount));

  test("a rate, a fixed fee on every event, or a free amount alone do not", () => {
    expect(needs({})).toBe(false);
    expect(needs({ fixedAmount: "0.30" })).toBe(false);
    expect(needs({}, "500")).toBe(false);
  });

  test("a floor, a cap or free events do", () => {
    expect(needs({ minimumPerEvent: "0.50" })).toBe(true);
    expect(needs({ maximumPerEvent: "5" })).toBe(true);
    expect(needs({ freeEvents: 3 })).toBe(true);
  });

  test("a fixed fee with a free amount does: which event passes the amount depends on their order", () => {
    expect(needs({ fixedAmount: "0.30" }, "500")).toBe(true);
  });

  test("terms of zero are no terms", () => {
    expect(needs({ minimumPerEvent: "0", freeEvents: 0, fixedAmount: "0" }, "500")).toBe(false);
  });
});

describe("the events of a percentage", () => {
  const price: PercentagePrice = { ...RATE, minimumPerEvent: "0.50" };

  test("are asked for when they are missing, because a guess would be a wrong bill", () => {
    expect(() => ratePercentage(price, used("10"), ZERO)).toThrow(/needsEvents/);
  });

  test("are not asked for when there were none", () => {
    const { tiers } = ratePercentage(price, { quantity: ZERO, eventCount: 0n }, ZERO);
    expect(rowsOf(tiers)).toEqual([["2.9% of the amount", "0", "0"]]);
  });

  test("must sum to the quantity that everybody else shows", () => {
    const usage = { ...usedInEvents("10", "20"), quantity: decimal("31") };
    expect(() => ratePercentage(price, usage, ZERO)).toThrow(/sum to/);
  });
});
