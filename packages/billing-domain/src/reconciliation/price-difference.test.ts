import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import type { RateCard } from "../rate-card.ts";
import { priceDifference } from "./price-difference.ts";

const tiers = [
  { upTo: "1000", unitPrice: "0.10" },
  { upTo: null, unitPrice: "0.05" },
];
const graduated: RateCard = { meterKey: "m", model: "GRADUATED", includedQuantity: "100", tiers };
const priced = (card: RateCard | null, expected: string, actual: string) =>
  priceDifference(card, { expected: decimal(expected), actual: decimal(actual), currency: "USD" })?.amountMinor;

describe("what a difference in units comes to", () => {
  test("is the difference of the two lines, in the tiers where it lies", () => {
    expect(priced(graduated, "1050", "1150")).toBe(750n);
    expect(priced(graduated, "1150", "1050")).toBe(-750n);
    expect(priced(graduated, "40", "100")).toBe(0n);
  });

  test("is nothing where the plan has no price", () => {
    expect(priced(null, "1", "2")).toBe(0n);
  });

  test("is not known where a total alone has no price", () => {
    const matrix: RateCard = { meterKey: "m", model: "MATRIX", properties: ["p"], cells: [], defaultUnitPrice: "1" };
    expect(priced(matrix, "1", "2")).toBeUndefined();
    expect(
      priced({ meterKey: "m", model: "PERCENTAGE", ratePercent: "1", fixedAmount: "0.1" }, "1", "2"),
    ).toBeUndefined();
    expect(priced({ meterKey: "m", model: "PERCENTAGE", ratePercent: "50" }, "1", "2")).toBe(50n);
    expect(priced({ ...graduated, carryNegative: true }, "1", "2")).toBeUndefined();
  });
});
