import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import type { StairstepPrice } from "../price-model.ts";
import { amountOf, boundsOf, rowsOf } from "./rows.testing.ts";
import { rateStairstep } from "./stairstep.ts";

const PRICE: StairstepPrice = {
  model: "STAIRSTEP",
  tiers: [
    { upTo: "10", flatAmount: "25" },
    { upTo: "50", flatAmount: "80" },
    { upTo: null, flatAmount: "200" },
  ],
};

describe("stairstep", () => {
  test.each([
    ["0", "25"],
    ["1", "25"],
    ["10", "25"],
    ["10.000000000001", "80"],
    ["10.5", "80"],
    ["50", "80"],
    ["51", "200"],
    ["1000000", "200"],
  ])("%s units cost the flat price %s", (quantity, amount) => {
    expect(amountOf(rateStairstep(PRICE, decimal(quantity)))).toBe(amount);
  });

  test("the row names the tier, holds all units and has no unit price", () => {
    const rows = rateStairstep(PRICE, decimal("11"));
    expect(rowsOf(rows)).toEqual([["Flat price of tier 2", "11", "80"]]);
    expect(boundsOf(rows)).toEqual([["10", "50"]]);
    expect(rows[0]?.unitPrice).toBeNull();
  });

  test("the first tier is waived at zero when the card says so", () => {
    expect(amountOf(rateStairstep({ ...PRICE, waiveAtZero: true }, decimal("0")))).toBe("0");
    expect(amountOf(rateStairstep({ ...PRICE, waiveAtZero: true }, decimal("1")))).toBe("25");
  });
});
