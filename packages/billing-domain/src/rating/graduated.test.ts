import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import type { GraduatedPrice } from "../price-model.ts";
import { rateGraduated } from "./graduated.ts";
import { amountOf, boundsOf, rowsOf } from "./rows.testing.ts";

const PRICE: GraduatedPrice = {
  model: "GRADUATED",
  tiers: [
    { upTo: "1000", unitPrice: "0.01", flatAmount: "5" },
    { upTo: "10000", unitPrice: "0.005", flatAmount: "2" },
    { upTo: null, unitPrice: "0.001" },
  ],
};

describe("graduated", () => {
  test("unit 1,000 is priced in tier one", () => {
    expect(rowsOf(rateGraduated(PRICE, decimal("1000")))).toEqual([["Tier 1", "1000", "15"]]);
  });

  test("unit 1,001 is priced in tier two, whose flat amount it brings", () => {
    expect(rowsOf(rateGraduated(PRICE, decimal("1001")))).toEqual([
      ["Tier 1", "1000", "15"],
      ["Tier 2", "1", "2.005"],
    ]);
  });

  test("unit 999 is one unit cheaper than unit 1,000", () => {
    expect(amountOf(rateGraduated(PRICE, decimal("999")))).toBe("14.99");
  });

  test("half a unit above the bound is half a unit in tier two", () => {
    expect(rowsOf(rateGraduated(PRICE, decimal("1000.5")))).toEqual([
      ["Tier 1", "1000", "15"],
      ["Tier 2", "0.5", "2.0025"],
    ]);
  });

  test("every tier reached adds its flat amount, and one without a flat amount none", () => {
    // 5 + 10 in tier one, 2 + 45 in tier two, 20 in tier three
    expect(rowsOf(rateGraduated(PRICE, decimal("30000")))).toEqual([
      ["Tier 1", "1000", "15"],
      ["Tier 2", "9000", "47"],
      ["Tier 3", "20000", "20"],
    ]);
  });

  test("rows carry the tiers' bounds, the last one open-ended", () => {
    expect(boundsOf(rateGraduated(PRICE, decimal("30000")))).toEqual([
      ["0", "1000"],
      ["1000", "10000"],
      ["10000", null],
    ]);
  });

  test("zero units bring the first tier's flat amount", () => {
    expect(rowsOf(rateGraduated(PRICE, decimal("0")))).toEqual([["Tier 1", "0", "5"]]);
  });

  test("zero units are free when the card says waiveAtZero", () => {
    expect(rowsOf(rateGraduated({ ...PRICE, waiveAtZero: true }, decimal("0")))).toEqual([["Tier 1", "0", "0"]]);
  });

  test("waiveAtZero changes nothing from the first fraction on", () => {
    expect(amountOf(rateGraduated({ ...PRICE, waiveAtZero: true }, decimal("0.5")))).toBe("5.005");
  });

  test("a free first tier is a price of zero", () => {
    const tiers = [
      { upTo: "100", unitPrice: "0" },
      { upTo: null, unitPrice: "0.02" },
    ];
    expect(amountOf(rateGraduated({ model: "GRADUATED", tiers }, decimal("100")))).toBe("0");
    expect(amountOf(rateGraduated({ model: "GRADUATED", tiers }, decimal("101")))).toBe("0.02");
  });
});
