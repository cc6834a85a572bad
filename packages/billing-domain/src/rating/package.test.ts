import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import type { PackagePrice } from "../price-model.ts";
import { ratePackage } from "./package.ts";
import { amountOf, rowsOf } from "./rows.testing.ts";

const HOURS: PackagePrice = { model: "PACKAGE", packageSize: "60", packagePrice: "4" };

describe("package", () => {
  test("150 minutes are three hours of 60: the last one is begun", () => {
    expect(rowsOf(ratePackage(HOURS, decimal("150")))).toEqual([["Packages of 60, rounded up", "3", "12"]]);
  });

  test.each([
    ["0", "0"],
    ["0.000000000001", "4"],
    ["59", "4"],
    ["60", "4"],
    ["60.000000000001", "8"],
    ["61", "8"],
    ["120", "8"],
  ])("%s units cost %s, rounded up", (quantity, amount) => {
    expect(amountOf(ratePackage(HOURS, decimal(quantity)))).toBe(amount);
  });

  test.each([
    ["59.999999999999", "0"],
    ["60", "4"],
    ["119", "4"],
    ["120", "8"],
  ])("%s units cost %s on a card that rounds down", (quantity, amount) => {
    expect(amountOf(ratePackage({ ...HOURS, rounding: "DOWN" }, decimal(quantity)))).toBe(amount);
  });

  test("the row says which way it was rounded", () => {
    expect(rowsOf(ratePackage({ ...HOURS, rounding: "DOWN" }, decimal("119")))).toEqual([
      ["Packages of 60, rounded down", "1", "4"],
    ]);
  });

  test("a package may be a fraction: 1 GB in packages of 0.3 GB is four", () => {
    expect(amountOf(ratePackage({ model: "PACKAGE", packageSize: "0.3", packagePrice: "1" }, decimal("1")))).toBe("4");
  });

  test("18 digits are counted to the last package", () => {
    const price: PackagePrice = { model: "PACKAGE", packageSize: "7", packagePrice: "0.000000000001" };
    // 999,999,999,999,999,999 = 7 × 142,857,142,857,142,857
    expect(amountOf(ratePackage(price, decimal("999999999999999999")))).toBe("142857.142857142857");
    expect(amountOf(ratePackage(price, decimal("999999999999999999.000000000001")))).toBe("142857.142857142858");
  });
});
