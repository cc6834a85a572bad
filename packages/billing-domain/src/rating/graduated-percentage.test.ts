import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import type { GraduatedPercentagePrice } from "../price-model.ts";
import { rateGraduatedPercentage } from "./graduated-percentage.ts";
import { amountOf, boundsOf, rowsOf } from "./rows.testing.ts";

const PRICE: GraduatedPercentagePrice = {
  model: "GRADUATED_PERCENTAGE",
  tiers: [
    { upTo: "1000", ratePercent: "2.5", flatAmount: "10" },
    { upTo: null, ratePercent: "1.250" },
  ],
};

describe("graduated percentage", () => {
  test("an amount up to the bound, inclusive, is at the first rate", () => {
    expect(rowsOf(rateGraduatedPercentage(PRICE, decimal("1000")))).toEqual([
      ["Tier 1, 2.5% of the amount", "1000", "35"],
    ]);
  });

  test("the cent above the bound is at the second rate", () => {
    // 0.01 × 1.25 % = 0.000125
    expect(rowsOf(rateGraduatedPercentage(PRICE, decimal("1000.01")))).toEqual([
      ["Tier 1, 2.5% of the amount", "1000", "35"],
      ["Tier 2, 1.25% of the amount", "0.01", "0.000125"],
    ]);
  });

  test("rows carry bounds and no unit price", () => {
    const rows = rateGraduatedPercentage(PRICE, decimal("3000"));
    expect(boundsOf(rows)).toEqual([
      ["0", "1000"],
      ["1000", null],
    ]);
    expect(rows.map((row) => row.unitPrice)).toEqual([null, null]);
    expect(amountOf(rows)).toBe("60");
  });

  test("no amount brings the first flat amount, unless the card waives it", () => {
    expect(amountOf(rateGraduatedPercentage(PRICE, decimal("0")))).toBe("10");
    expect(amountOf(rateGraduatedPercentage({ ...PRICE, waiveAtZero: true }, decimal("0")))).toBe("0");
  });

  test("a rate of 12 decimals is exact", () => {
    const tiers = [{ upTo: null, ratePercent: "0.000000000001" }];
    expect(amountOf(rateGraduatedPercentage({ model: "GRADUATED_PERCENTAGE", tiers }, decimal("3")))).toBe(
      "0.00000000000003",
    );
  });
});
