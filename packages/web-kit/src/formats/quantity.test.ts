import { describe, expect, test } from "vitest";
import {
  compareQuantities,
  formatAxisQuantity,
  formatPercent,
  formatQuantity,
  isZeroQuantity,
  percentOf,
} from "./quantity.ts";

const locale = "en-GB";

describe("formatQuantity", () => {
  test("digits are grouped and every decimal is shown", () => {
    expect(formatQuantity("2402146796", { locale })).toBe("2,402,146,796");
    expect(formatQuantity("0.000000000001", { locale })).toBe("0.000000000001");
    expect(formatQuantity("18211.291666666667", { locale })).toBe("18,211.291666666667");
  });
  test("2^53 + 1 and eighteen digits stay exact", () => {
    expect(formatQuantity("9007199254740993", { locale })).toBe("9,007,199,254,740,993");
    expect(formatQuantity("999999999999999999.999999999999", { locale })).toBe("999,999,999,999,999,999.999999999999");
  });
  test("negative quantities keep their sign, and zero has none", () => {
    expect(formatQuantity("-3", { locale })).toBe("-3");
    expect(formatQuantity("-0", { locale })).toBe("0");
  });
});

describe("percentOf", () => {
  test("is rounded down, so nearly all is not all", () => {
    expect(percentOf("999", "1000")).toBe(99);
    expect(percentOf("1000", "1000")).toBe(100);
    expect(percentOf("73402118", "10000000")).toBe(734);
  });
  test("is nothing of nothing, and negative usage is below zero", () => {
    expect(percentOf("5", "0")).toBe(0);
    expect(percentOf("-50", "100")).toBe(-50);
  });
});

test("quantities are compared exactly past 2^53", () => {
  expect(compareQuantities("9007199254740993", "9007199254740992")).toBe(1);
  expect(compareQuantities("1.10", "1.1")).toBe(0);
  expect(compareQuantities("-2", "-1")).toBe(-1);
  expect(isZeroQuantity("0.000")).toBe(true);
});

test("an axis is short and unambiguous, a percentage whole", () => {
  expect(formatAxisQuantity(2_402_146_796)).toBe("2.4B");
  expect(formatAxisQuantity(4_000_000)).toBe("4M");
  expect(formatPercent(87, { locale })).toBe("87%");
});
