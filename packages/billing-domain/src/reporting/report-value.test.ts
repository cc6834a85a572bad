import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decimal, formatDecimal, ZERO } from "../decimal.ts";
import { joinValues, MAX_VALUE_DIGITS, splitValue, valueDigits } from "./report-value.ts";

const texts = (value: string) => splitValue(decimal(value))?.map(formatDecimal);

test("zero is nothing to tell", () => {
  expect(texts("0")).toEqual([]);
});

test("15 digits are one value, 16 are two", () => {
  expect(texts("123456789012.345")).toEqual(["123456789012.345"]);
  expect(texts("123456789012.3456")).toEqual(["123456789012", "0.3456"]);
});

test("zeros in front of a fraction are no digits; zeros at the end of a whole number are", () => {
  expect(texts("0.000000000012345")).toEqual(["0.000000000012345"]);
  expect(texts("999999999999999")).toEqual(["999999999999999"]);
  expect(texts("1000000000000000")).toEqual(["999999999999999", "1"]);
});

test("the largest quantity of one event fits, and a negative one is split alike", () => {
  const parts = splitValue(decimal("999999999999999999.123456789012"));
  expect(parts).toHaveLength(1_002);
  expect(texts("-1000000000000001.5")).toEqual(["-999999999999999", "-2", "-0.5"]);
});

test("past 1,100 parts no number of values is enough", () => {
  expect(splitValue(decimal("1100000000000000000"))).toBeNull();
});

test("parts sum to the whole, and none has more than 15 digits", () => {
  const value = fc
    .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: 0, max: 30 }))
    .map(([digits, places]) => {
      const text = (digits < 0n ? -digits : digits).toString().padStart(places + 1, "0");
      const point = text.length - places;
      return decimal(`${digits < 0n ? "-" : ""}${text.slice(0, point)}${places > 0 ? `.${text.slice(point)}` : ""}`);
    });
  fc.assert(
    fc.property(value, (whole) => {
      const parts = splitValue(whole) ?? [];
      expect(formatDecimal(joinValues(parts))).toBe(formatDecimal(whole));
      for (const part of parts) {
        expect(valueDigits(part)).toBeLessThanOrEqual(MAX_VALUE_DIGITS);
        expect(part.eq(ZERO)).toBe(false);
      }
    }),
  );
});
