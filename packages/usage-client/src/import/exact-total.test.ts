import { describe, expect, test } from "vitest";
import { formatUnits, parseUnits } from "./exact-total.ts";

describe("exact totals", () => {
  test("a tenth and two tenths are three tenths", () => {
    expect(formatUnits((parseUnits("0.1") ?? 0n) + (parseUnits("0.2") ?? 0n))).toBe("0.3");
  });

  test.each(["0", "1", "-80995", "9170842550", "0.000000000001", "-0.5", "123456789012345678.123456789012"])(
    "%s stays as it is",
    (text) => {
      expect(formatUnits(parseUnits(text) ?? 0n)).toBe(text);
    },
  );

  test.each(["", "1e3", "NaN", "+1", "1,000", ".5", "5.", "1234567890123456789", "0.1234567890123"])(
    '"%s" is no quantity',
    (text) => {
      expect(parseUnits(text)).toBeNull();
    },
  );
});
