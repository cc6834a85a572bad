import { expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { ratePerUnit } from "./per-unit.ts";
import { amountOf, rowsOf } from "./rows.testing.ts";

const price = (unitPrice: string) => ({ model: "PER_UNIT", unitPrice }) as const;

test("per unit: every unit costs the same", () => {
  expect(rowsOf(ratePerUnit(price("0.0004"), decimal("1000000")))).toEqual([["Price per unit", "1000000", "400"]]);
});

test("per unit: a fraction of a unit costs its fraction of the price", () => {
  expect(amountOf(ratePerUnit(price("0.05"), decimal("30.5")))).toBe("1.525");
});

test("per unit: nothing used costs nothing, and says so in a row", () => {
  expect(rowsOf(ratePerUnit(price("12"), decimal("0")))).toEqual([["Price per unit", "0", "0"]]);
});

test("per unit: a price of 12 decimals times a quantity of 18 digits is exact", () => {
  expect(amountOf(ratePerUnit(price("0.000000000001"), decimal("999999999999999999")))).toBe("999999.999999999999");
});

test("per unit: 12 decimals on both sides give all 24 decimals", () => {
  expect(amountOf(ratePerUnit(price("0.000000000003"), decimal("0.000000000007")))).toBe("0.000000000000000000000021");
});

test("per unit: the row shows the price it used", () => {
  const [row] = ratePerUnit(price("0.123456789012"), decimal("2"));
  expect(row?.unitPrice && formatDecimal(row.unitPrice)).toBe("0.123456789012");
  expect(row?.flatAmount).toBeNull();
});
