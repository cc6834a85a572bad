import { describe, expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { flatAmountOf, tierOf, tierShares } from "./tier-walk.ts";

const TIERS = [{ upTo: "10" }, { upTo: "20" }, { upTo: null }];

function cut(quantity: string): [number, string][] {
  return tierShares(TIERS, decimal(quantity)).map((share) => [share.position, formatDecimal(share.quantity)]);
}

describe("cutting a quantity at the bounds of tiers", () => {
  test("zero reaches the first tier with nothing in it", () => {
    expect(cut("0")).toEqual([[1, "0"]]);
  });

  test("a quantity just under the first bound is all in tier one", () => {
    expect(cut("9.999999999999")).toEqual([[1, "9.999999999999"]]);
  });

  test("the upper bound is inclusive: unit 10 is in tier one and tier two is not reached", () => {
    expect(cut("10")).toEqual([[1, "10"]]);
  });

  test("the smallest fraction above the bound is in tier two", () => {
    expect(cut("10.000000000001")).toEqual([
      [1, "10"],
      [2, "0.000000000001"],
    ]);
  });

  test("of 10.5 units half a unit is in tier two", () => {
    expect(cut("10.5")).toEqual([
      [1, "10"],
      [2, "0.5"],
    ]);
  });

  test("a full second tier does not reach the third", () => {
    expect(cut("20")).toEqual([
      [1, "10"],
      [2, "10"],
    ]);
  });

  test("everything above the last bound is in the open-ended tier", () => {
    expect(cut("1000000")).toEqual([
      [1, "10"],
      [2, "10"],
      [3, "999980"],
    ]);
  });

  test("a single open-ended tier holds everything", () => {
    const [only, ...others] = tierShares([{ upTo: null }], decimal("7"));
    expect(others).toEqual([]);
    expect(only && [formatDecimal(only.from), only.upTo, formatDecimal(only.quantity)]).toEqual(["0", null, "7"]);
  });

  test("each tier starts where the one before ends", () => {
    const bounds = tierShares(TIERS, decimal("25")).map(({ from, upTo }) => [
      formatDecimal(from),
      upTo === null ? null : formatDecimal(upTo),
    ]);
    expect(bounds).toEqual([
      ["0", "10"],
      ["10", "20"],
      ["20", null],
    ]);
  });
});

describe("the one tier of a total", () => {
  test.each([
    ["0", 1],
    ["10", 1],
    ["10.5", 2],
    ["20", 2],
    ["20.000000000001", 3],
  ])("%s units fall into tier %i, all of them", (quantity, position) => {
    const share = tierOf(TIERS, decimal(quantity));
    expect([share.position, formatDecimal(share.quantity)]).toEqual([position, quantity]);
  });

  test("a card without tiers is refused", () => {
    expect(() => tierOf([], decimal("1"))).toThrow(RangeError);
  });
});

describe("a tier's flat amount", () => {
  const text = (billable: string, waive?: boolean) => {
    const amount = flatAmountOf({ flatAmount: "5" }, decimal(billable), waive);
    return amount === null ? null : formatDecimal(amount);
  };

  test("is charged at zero units, as Stripe does", () => {
    expect(text("0")).toBe("5");
    expect(text("0", false)).toBe("5");
  });

  test("is waived at zero units when the card says so", () => {
    expect(text("0", true)).toBe("0");
  });

  test("is charged for the smallest fraction even then", () => {
    expect(text("0.000000000001", true)).toBe("5");
  });

  test("is absent when the tier has none", () => {
    expect(flatAmountOf({}, decimal("3"), true)).toBeNull();
  });
});
