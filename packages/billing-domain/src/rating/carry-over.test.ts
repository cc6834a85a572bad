import { describe, expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import type { RateCard } from "../rate-card.ts";
import { carriedInto, carriedQuantityAfter, needsCarriedQuantity } from "./carry-over.ts";
import { used } from "./rows.testing.ts";

const CARD: RateCard = { meterKey: "units_ordered", model: "PER_UNIT", unitPrice: "1", carryNegative: true };
const after = (...totals: string[]) => formatDecimal(carriedQuantityAfter(totals.map((total) => decimal(total))));

describe("what earlier periods carry over", () => {
  test("nothing before the first period", () => {
    expect(after()).toBe("0");
  });

  test("a negative period is carried whole", () => {
    expect(after("-20")).toBe("-20");
  });

  test("a positive period pays it down", () => {
    expect(after("-20", "15")).toBe("-5");
  });

  test("a positive period never carries anything over", () => {
    expect(after("100")).toBe("0");
    expect(after("-20", "20")).toBe("0");
    expect(after("-20", "50", "-3")).toBe("-3");
  });

  test("negative periods add up", () => {
    expect(after("-20", "-0.5")).toBe("-20.5");
  });
});

describe("what a line takes over", () => {
  test("nothing, unless the card says carryNegative", () => {
    const { carryNegative: _, ...plain } = CARD;
    expect(needsCarriedQuantity(plain)).toBe(false);
    expect(formatDecimal(carriedInto(plain, used("10", { carriedQuantity: decimal("-5") })))).toBe("0");
  });

  test("the number it is given", () => {
    expect(needsCarriedQuantity(CARD)).toBe(true);
    expect(formatDecimal(carriedInto(CARD, used("10", { carriedQuantity: decimal("-5") })))).toBe("-5");
    expect(formatDecimal(carriedInto(CARD, used("10", { carriedQuantity: decimal("0") })))).toBe("0");
  });

  test("a missing number is refused, naming the meter", () => {
    expect(() => carriedInto(CARD, used("10"))).toThrow(/units_ordered/);
  });

  test("a positive number is refused: only a negative total carries over", () => {
    expect(() => carriedInto(CARD, used("10", { carriedQuantity: decimal("5") }))).toThrow(RangeError);
  });
});
