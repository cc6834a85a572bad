import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import type { VolumePrice } from "../price-model.ts";
import { amountOf, boundsOf, rowsOf } from "./rows.testing.ts";
import { rateVolume } from "./volume.ts";

const PRICE: VolumePrice = {
  model: "VOLUME",
  tiers: [
    { upTo: "100", unitPrice: "0.10", flatAmount: "3" },
    { upTo: null, unitPrice: "0.05", flatAmount: "1" },
  ],
};

describe("volume", () => {
  test("unit 100 is priced in tier one with all others", () => {
    expect(rowsOf(rateVolume(PRICE, decimal("100")))).toEqual([["All units in tier 1", "100", "13"]]);
  });

  test("unit 101 moves all units to tier two and only its flat amount is charged", () => {
    // 101 × 0.05 + 1
    expect(rowsOf(rateVolume(PRICE, decimal("101")))).toEqual([["All units in tier 2", "101", "6.05"]]);
  });

  test("one more unit may cost less: that is what volume pricing means", () => {
    const before = decimal(amountOf(rateVolume(PRICE, decimal("100"))));
    const after = decimal(amountOf(rateVolume(PRICE, decimal("101"))));
    expect(after.lt(before)).toBe(true);
  });

  test("half a unit above the bound moves all units to tier two", () => {
    expect(amountOf(rateVolume(PRICE, decimal("100.5")))).toBe("6.025");
  });

  test("the row carries the bounds of its tier", () => {
    expect(boundsOf(rateVolume(PRICE, decimal("100")))).toEqual([["0", "100"]]);
    expect(boundsOf(rateVolume(PRICE, decimal("101")))).toEqual([["100", null]]);
  });

  test("zero units bring the first tier's flat amount, unless the card waives it", () => {
    expect(amountOf(rateVolume(PRICE, decimal("0")))).toBe("3");
    expect(amountOf(rateVolume({ ...PRICE, waiveAtZero: true }, decimal("0")))).toBe("0");
  });
});
