import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { summaryAgrees, summaryValue } from "./summary-value.ts";

test.each([
  [12.5, "12.5", true],
  [0.1, "0.1", true],
  [-3, "-3", true],
  [1e21, "1000000000000000000000", true],
  [1.5e-7, "0.00000015", true],
  [-2.25e22, "-22500000000000000000000", true],
  [0.30000000000000004, "0.30000000000000004", false],
  [1234567890123456.8, "1234567890123456.8", false],
])("%d is %s (exact: %s)", (sum, text, isExact) => {
  const read = summaryValue(sum);
  expect([formatDecimal(read.value), read.isExact]).toEqual([text, isExact]);
});

test("a sum of at most 15 digits comes back as it was", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -999_999_999_999_999n, max: 999_999_999_999_999n }), fc.nat(12), (digits, places) => {
      const sum = decimal(digits).div(decimal(10n ** BigInt(places)));
      expect(summaryValue(Number(formatDecimal(sum)))).toEqual({ value: sum, isExact: true });
    }),
  );
});

test("what is no number is no sum", () => {
  expect(() => summaryValue(Number.NaN)).toThrow(RangeError);
});

test.each([
  // 18 digits: the double nearest to it is written with 16, and says the same total all the same.
  ["299691.2962694625", "299691.296269462509", true],
  ["299691.296269462518", "299691.296269462509", true],
  ["299691.2962694626", "299691.296269462509", false],
  ["12.5", "12.5", true],
  ["12.5", "12.500000000001", false],
])("a summary of %s says a total of %s: %s", (summary, total, agrees) => {
  expect(summaryAgrees(decimal(summary), decimal(total))).toBe(agrees);
});
