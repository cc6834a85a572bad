import { describe, expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import type { RateCard } from "../rate-card.ts";
import { needsEvents, type RatedLine, rateUsage } from "./index.ts";
import { amountOf, boundsOf, rowsOf, used, usedInEvents } from "./rows.testing.ts";

const USD = { currency: "USD" };
const PER_UNIT: RateCard = { meterKey: "api_requests", model: "PER_UNIT", unitPrice: "0.10" };

const GRADUATED: RateCard = {
  meterKey: "api_requests",
  model: "GRADUATED",
  tiers: [
    { upTo: "10", unitPrice: "2" },
    { upTo: null, unitPrice: "1" },
  ],
};

function standing(line: RatedLine) {
  return {
    quantity: formatDecimal(line.quantity),
    included: formatDecimal(line.includedQuantity),
    billable: formatDecimal(line.billableQuantity),
    remaining: line.remainingQuantity === null ? null : formatDecimal(line.remainingQuantity),
  };
}

describe("the allowance", () => {
  const card: RateCard = { ...PER_UNIT, includedQuantity: "100" };
  const rate = (quantity: string) => rateUsage(card, used(quantity), USD);

  test("of a card without one leaves nothing to remain", () => {
    const line = rateUsage(PER_UNIT, used("5"), USD);
    expect(standing(line)).toEqual({ quantity: "5", included: "0", billable: "5", remaining: null });
    expect(rowsOf(line.tiers)).toEqual([["Price per unit", "5", "0.5"]]);
  });

  test("is a row of its own, free, before what is priced", () => {
    expect(rowsOf(rate("130").tiers)).toEqual([
      ["Included allowance", "100", "0"],
      ["Price per unit", "30", "3"],
    ]);
    expect(boundsOf(rate("130").tiers)[0]).toEqual(["0", "100"]);
  });

  test.each([
    ["0", "0", "100"],
    ["99", "0", "1"],
    ["100", "0", "0"],
    ["100.5", "0.5", "0"],
    ["101", "1", "0"],
  ])("after %s units bills %s and leaves %s", (quantity, billable, remaining) => {
    expect(standing(rate(quantity))).toEqual({ quantity, included: "100", billable, remaining });
  });

  test("comes off first: what is left is counted into the tiers from zero", () => {
    // 15 used, 5 included, 10 left: all of them in tier one
    const line = rateUsage({ ...GRADUATED, includedQuantity: "5" }, used("15"), USD);
    expect(rowsOf(line.tiers)).toEqual([
      ["Included allowance", "5", "0"],
      ["Tier 1", "10", "20"],
    ]);
  });

  test("comes off before packages are counted", () => {
    const card: RateCard = {
      meterKey: "minutes",
      model: "PACKAGE",
      packageSize: "60",
      packagePrice: "4",
      includedQuantity: "30",
    };
    expect(line("90")).toBe("4");
    expect(line("90.5")).toBe("8");
    function line(quantity: string) {
      return amountOf(rateUsage(card, used(quantity), USD).tiers);
    }
  });

  test("of a percentage may be called freeAmount", () => {
    const percentage: RateCard = { meterKey: "volume", model: "PERCENTAGE", ratePercent: "1", freeAmount: "500" };
    const line = rateUsage(percentage, used("700"), USD);
    expect(standing(line)).toEqual({ quantity: "700", included: "500", billable: "200", remaining: "0" });
    expect(rowsOf(line.tiers)).toEqual([
      ["Included allowance", "500", "0"],
      ["1% of the amount", "200", "2"],
    ]);
  });

  test("with the first tier's flat amount: charged as long as nothing is billable, unless waived", () => {
    const tiers = [{ upTo: null, unitPrice: "1", flatAmount: "7" }];
    const flat: RateCard = { meterKey: "seats", model: "GRADUATED", tiers, includedQuantity: "5" };
    expect(rateUsage(flat, used("5"), USD).amount.amountMinor).toBe(700n);
    expect(rateUsage({ ...flat, waiveAtZero: true }, used("5"), USD).amount.amountMinor).toBe(0n);
    expect(rateUsage({ ...flat, waiveAtZero: true }, used("6"), USD).amount.amountMinor).toBe(800n);
  });
});

describe("a negative total", () => {
  test("is billed as zero and shown as it is", () => {
    const line = rateUsage(PER_UNIT, used("-40"), USD);
    expect(standing(line)).toEqual({ quantity: "-40", included: "0", billable: "0", remaining: null });
    expect(line.amount).toEqual({ amountMinor: 0n, currency: "USD" });
    expect(formatDecimal(line.carryForwardQuantity)).toBe("0");
  });

  test("leaves more than the allowance to use before units are billed", () => {
    const line = rateUsage({ ...PER_UNIT, includedQuantity: "100" }, used("-40"), USD);
    expect(standing(line).remaining).toBe("140");
    expect(rowsOf(line.tiers)[0]).toEqual(["Included allowance", "0", "0"]);
  });

  test("does not carry over unless the card says so", () => {
    const line = rateUsage(PER_UNIT, used("100", { carriedQuantity: decimal("-40") }), USD);
    expect(line.amount.amountMinor).toBe(1000n);
  });

  test("carries over where the card says so, and is taken off before the allowance", () => {
    const card: RateCard = { ...PER_UNIT, includedQuantity: "10", carryNegative: true };
    const first = rateUsage(card, used("-40", { carriedQuantity: decimal("0") }), USD);
    expect(formatDecimal(first.carryForwardQuantity)).toBe("-40");
    const second = rateUsage(card, used("100", { carriedQuantity: first.carryForwardQuantity }), USD);
    expect(standing(second)).toEqual({ quantity: "100", included: "10", billable: "50", remaining: "0" });
    expect(formatDecimal(second.carryForwardQuantity)).toBe("0");
  });

  test("keeps carrying what the next period does not use up", () => {
    const card: RateCard = { ...PER_UNIT, carryNegative: true };
    const line = rateUsage(card, used("15", { carriedQuantity: decimal("-40") }), USD);
    expect(formatDecimal(line.carryForwardQuantity)).toBe("-25");
    expect(line.amount.amountMinor).toBe(0n);
  });

  test("of a carrying card that is not told what was carried is refused", () => {
    expect(() => rateUsage({ ...PER_UNIT, carryNegative: true }, used("1"), USD)).toThrow(/carriedQuantity/);
  });
});

describe("no value", () => {
  const nothing = { quantity: null, eventCount: 0n };

  test("is said, and billed as 0", () => {
    const line = rateUsage(PER_UNIT, nothing, USD);
    expect(line.hasValue).toBe(false);
    expect(formatDecimal(line.quantity)).toBe("0");
    expect(line.amount.amountMinor).toBe(0n);
  });

  test("is not the same as a measured zero, which has a value", () => {
    expect(rateUsage(PER_UNIT, used("0"), USD).hasValue).toBe(true);
  });

  test("still pays a minimum: it is a commitment", () => {
    const line = rateUsage({ ...PER_UNIT, minimumAmount: "5" }, nothing, USD);
    expect(line.amount.amountMinor).toBe(500n);
  });
});

describe("minimum and maximum of the line", () => {
  test("are rows of the line and part of its exact amount", () => {
    const line = rateUsage({ ...PER_UNIT, minimumAmount: "5" }, used("12.345"), USD);
    expect(rowsOf(line.tiers)).toEqual([
      ["Price per unit", "12.345", "1.2345"],
      ["Minimum charge", "0", "3.7655"],
    ]);
    expect(formatDecimal(line.unroundedAmount)).toBe("5");
  });

  test("cut with a negative row", () => {
    const line = rateUsage({ ...PER_UNIT, maximumAmount: "1" }, used("12.345"), USD);
    expect(rowsOf(line.tiers)[1]).toEqual(["Maximum charge", "0", "-0.2345"]);
    expect(line.amount.amountMinor).toBe(100n);
  });

  test("are scaled by the share of the period only with prorate; usage never is", () => {
    const third = decimal("1").div(decimal("3"));
    const card: RateCard = { ...PER_UNIT, minimumAmount: "30" };
    expect(rateUsage(card, used("5"), { ...USD, periodShare: third }).amount.amountMinor).toBe(3000n);
    const scaled = rateUsage({ ...card, prorate: true }, used("5"), { ...USD, periodShare: third });
    expect(scaled.amount.amountMinor).toBe(1000n);
    expect(rateUsage(PER_UNIT, used("5"), { ...USD, periodShare: third }).amount.amountMinor).toBe(50n);
  });
});

describe("rounding", () => {
  const amount = (currency: string, unitPrice: string, quantity: string) =>
    rateUsage({ ...PER_UNIT, unitPrice }, used(quantity), { currency }).amount.amountMinor;

  test("is half up to the cent, once, after multiplying: 30 × 0.0005 is 0.015, two cents", () => {
    expect(amount("USD", "0.0005", "30")).toBe(2n);
    expect(amount("USD", "0.0005", "29.999999999999")).toBe(1n);
  });

  test("is to the yen", () => {
    expect(amount("JPY", "0.5", "3")).toBe(2n);
    expect(amount("JPY", "0.499999999999", "3")).toBe(1n);
  });

  test("is to the thousandth of a dinar", () => {
    expect(amount("KWD", "0.0005", "1")).toBe(1n);
    expect(amount("KWD", "0.000499999999", "1")).toBe(0n);
    expect(amount("KWD", "1.2345", "1")).toBe(1235n);
  });

  test("is of the line, not of its tiers: two half cents are one cent, not two", () => {
    const tiers = [
      { upTo: "1", unitPrice: "0.005" },
      { upTo: null, unitPrice: "0.005" },
    ];
    const line = rateUsage({ meterKey: "m", model: "GRADUATED", tiers }, used("2"), USD);
    expect(rowsOf(line.tiers).map((row) => row[2])).toEqual(["0.005", "0.005"]);
    expect(line.amount.amountMinor).toBe(1n);
  });

  test("is the only loss: 18 digits times 12 decimals keep all of them before it", () => {
    const card: RateCard = { ...PER_UNIT, unitPrice: "0.123456789012" };
    const line = rateUsage(card, used("999999999999999999"), USD);
    // 10^18 × 0.123456789012 − 0.123456789012
    expect(formatDecimal(line.unroundedAmount)).toBe("123456789011999999.876543210988");
    expect(line.amount.amountMinor).toBe(12345678901199999988n);
  });
});

describe("which cards need events", () => {
  test("no card but a percentage", () => {
    expect(needsEvents(PER_UNIT)).toBe(false);
    expect(needsEvents(GRADUATED)).toBe(false);
  });

  test("a percentage with a floor, and one with a fixed fee and an allowance under either name", () => {
    const card: RateCard = { meterKey: "volume", model: "PERCENTAGE", ratePercent: "1" };
    expect(needsEvents(card)).toBe(false);
    expect(needsEvents({ ...card, minimumPerEvent: "1" })).toBe(true);
    expect(needsEvents({ ...card, fixedAmount: "1", includedQuantity: "10" })).toBe(true);
    expect(needsEvents({ ...card, fixedAmount: "1", freeAmount: "10" })).toBe(true);
  });
});

test("a percentage by events stands in a line like any other, with its allowance row first", () => {
  const card: RateCard = {
    meterKey: "volume",
    model: "PERCENTAGE",
    ratePercent: "2",
    fixedAmount: "0.10",
    freeAmount: "100",
  };
  const line = rateUsage(card, usedInEvents("60", "100", "10"), USD);
  expect(rowsOf(line.tiers)).toEqual([
    ["Included allowance", "100", "0"],
    ["2% of the amount", "70", "1.4"],
    ["Fixed fee per event", "2", "0.2"],
  ]);
  expect(line.amount.amountMinor).toBe(160n);
});

test("a matrix stands in a line like any other, with its allowance row first", () => {
  const card: RateCard = {
    meterKey: "api_requests",
    model: "MATRIX",
    properties: ["model"],
    cells: [{ values: ["large"], unitPrice: "0.03" }],
    defaultUnitPrice: "0.01",
    includedQuantity: "50",
  };
  const byDimension = [
    { values: ["large"], quantity: decimal("80") },
    { values: ["(other)"], quantity: decimal("20") },
  ];
  const line = rateUsage(card, used("100", { groupBy: ["model"], byDimension }), USD);
  expect(rowsOf(line.tiers)).toEqual([
    ["Included allowance", "50", "0"],
    ["model: large", "30", "0.9"],
    ["Everything else", "20", "0.2"],
  ]);
  expect(standing(line)).toEqual({ quantity: "100", included: "50", billable: "50", remaining: "0" });
});

test("the example of README.md reads as it says", () => {
  const card: RateCard = { ...GRADUATED, includedQuantity: "5", minimumAmount: "25" };
  const line = rateUsage(card, used("15.5"), USD);
  expect(rowsOf(line.tiers)).toEqual([
    ["Included allowance", "5", "0"],
    ["Tier 1", "10", "20"],
    ["Tier 2", "0.5", "0.5"],
    ["Minimum charge", "0", "4.5"],
  ]);
  expect(line.amount).toEqual({ amountMinor: 2500n, currency: "USD" });
});
