import { describe, expect, test } from "vitest";
import { decimal, formatDecimal, ZERO } from "../decimal.ts";
import type { MatrixPrice } from "../price-model.ts";
import { rateMatrix } from "./matrix.ts";
import type { MeterUsage } from "./rated-line.ts";
import { amountOf, rowsOf } from "./rows.testing.ts";

const PRICE: MatrixPrice = {
  model: "MATRIX",
  properties: ["model", "region"],
  cells: [
    { values: ["large", "eu"], unitPrice: "0.03" },
    { values: ["large", "us"], unitPrice: "0.02" },
    { values: ["small", ""], unitPrice: "0.001" },
  ],
  defaultUnitPrice: "0.01",
};

function usedAt(groupBy: string[], ...combinations: [string[], string][]): MeterUsage {
  const byDimension = combinations.map(([values, quantity]) => ({ values, quantity: decimal(quantity) }));
  const quantity = byDimension.reduce((sum, part) => sum.plus(part.quantity), ZERO);
  return { quantity, eventCount: 1n, groupBy, byDimension };
}

const GROUPS = ["model", "region"];

describe("matrix", () => {
  test("each combination is priced by its cell, and one without a cell by the default price", () => {
    const usage = usedAt(GROUPS, [["large", "eu"], "100"], [["small", ""], "1000"], [["medium", "eu"], "10"]);
    expect(rowsOf(rateMatrix(PRICE, usage, ZERO).tiers)).toEqual([
      ["model: large, region: eu", "100", "3"],
      ["model: small, region: none", "1000", "1"],
      ["Everything else", "10", "0.1"],
    ]);
  });

  test('the reserved combination "(other)" takes the default price, in any length', () => {
    for (const values of [["(other)"], ["(other)", "(other)"]]) {
      const usage = usedAt(GROUPS, [values, "10"], [["large", "us"], "10"]);
      expect(rowsOf(rateMatrix(PRICE, usage, ZERO).tiers)).toEqual([
        ["model: large, region: us", "10", "0.2"],
        ["Everything else", "10", "0.1"],
      ]);
    }
  });

  test("rows stand in the card's order, whatever order the usage comes in", () => {
    const forth = usedAt(GROUPS, [["small", ""], "1"], [["large", "us"], "2"], [["large", "eu"], "3"]);
    const back = usedAt(GROUPS, [["large", "eu"], "3"], [["large", "us"], "2"], [["small", ""], "1"]);
    expect(rowsOf(rateMatrix(PRICE, forth, ZERO).tiers)).toEqual(rowsOf(rateMatrix(PRICE, back, ZERO).tiers));
  });

  test("properties are found by name: a meter may group by more, in another order", () => {
    const usage = usedAt(
      ["region", "team", "model"],
      [["eu", "red", "large"], "100"],
      [["eu", "blue", "large"], "50"],
      [["us", "red", "large"], "10"],
    );
    expect(rowsOf(rateMatrix(PRICE, usage, ZERO).tiers)).toEqual([
      ["model: large, region: eu", "150", "4.5"],
      ["model: large, region: us", "10", "0.2"],
    ]);
  });

  test("nothing used needs no combinations and has no rows", () => {
    expect(rateMatrix(PRICE, { quantity: ZERO, eventCount: 0n }, ZERO).tiers).toEqual([]);
    expect(rateMatrix(PRICE, { quantity: null, eventCount: 0n }, ZERO).tiers).toEqual([]);
  });

  test("each row shows the price it used", () => {
    const usage = usedAt(GROUPS, [["large", "eu"], "1"], [["other", "eu"], "1"]);
    const prices = rateMatrix(PRICE, usage, ZERO).tiers.map((row) => row.unitPrice && formatDecimal(row.unitPrice));
    expect(prices).toEqual(["0.03", "0.01"]);
  });
});

describe("the allowance of a matrix comes off in the card's order", () => {
  const usage = usedAt(GROUPS, [["large", "eu"], "100"], [["large", "us"], "50"], [["medium", "eu"], "10"]);
  const billed = (included: string) => rowsOf(rateMatrix(PRICE, usage, decimal(included)).tiers).map((row) => row[1]);

  test.each([
    ["0", ["100", "50", "10"]],
    ["99.5", ["0.5", "50", "10"]],
    ["100", ["0", "50", "10"]],
    ["101", ["0", "49", "10"]],
    ["155", ["0", "0", "5"]],
    ["160", ["0", "0", "0"]],
    ["1000", ["0", "0", "0"]],
  ])("%s included units", (included, expected) => {
    expect(billed(included)).toEqual(expected);
  });

  test("what is priced is what is left of the total", () => {
    expect(formatDecimal(rateMatrix(PRICE, usage, decimal("101")).billableQuantity)).toBe("59");
  });
});

describe("a negative combination", () => {
  const usage = usedAt(GROUPS, [["large", "eu"], "100"], [["large", "us"], "-30"], [["small", ""], "10"]);

  test("is set off against the others in the card's order, and costs nothing itself", () => {
    const charge = rateMatrix(PRICE, usage, ZERO);
    expect(rowsOf(charge.tiers)).toEqual([
      ["model: large, region: eu", "70", "2.1"],
      ["model: large, region: us, set off against the rest", "-30", "0"],
      ["model: small, region: none", "10", "0.01"],
    ]);
    expect(formatDecimal(charge.billableQuantity)).toBe("80");
  });

  test("larger than all the others leaves nothing to bill", () => {
    const credit = usedAt(GROUPS, [["large", "eu"], "10"], [["medium", "us"], "-30"]);
    const charge = rateMatrix(PRICE, credit, ZERO);
    expect(amountOf(charge.tiers)).toBe("0");
    expect(formatDecimal(charge.billableQuantity)).toBe("0");
  });
});

describe("a matrix is refused", () => {
  test("when the combinations do not sum to the quantity that everybody else shows", () => {
    const usage = { ...usedAt(GROUPS, [["large", "eu"], "100"]), quantity: decimal("101") };
    expect(() => rateMatrix(PRICE, usage, ZERO)).toThrow(/sum to/);
  });

  test("when there is usage but no combinations", () => {
    expect(() => rateMatrix(PRICE, { quantity: decimal("1"), eventCount: 1n }, ZERO)).toThrow(RangeError);
  });

  test("when the meter does not group by a property of the card, named in the message", () => {
    expect(() => rateMatrix(PRICE, usedAt(["model"], [["large"], "1"]), ZERO)).toThrow(/"region"/);
  });
});
