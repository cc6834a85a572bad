import { describe, expect, test } from "vitest";
import { formatDecimal } from "./decimal.ts";
import { includedQuantityOf, parseRateCard, type RateCard } from "./rate-card.ts";

/** One valid card for each model, with every field it may have. */
const CARDS: RateCard[] = [
  { meterKey: "m", model: "PER_UNIT", unitPrice: "0.000000000001", includedQuantity: "0.5", minimumAmount: "1" },
  {
    meterKey: "m",
    model: "GRADUATED",
    tiers: [
      { upTo: "1000", unitPrice: "0.01", flatAmount: "5" },
      { upTo: null, unitPrice: "0" },
    ],
    waiveAtZero: true,
    carryNegative: true,
  },
  { meterKey: "m", model: "VOLUME", tiers: [{ upTo: null, unitPrice: "1" }], maximumAmount: "9", prorate: true },
  { meterKey: "m", model: "PACKAGE", packageSize: "0.3", packagePrice: "4", rounding: "DOWN" },
  { meterKey: "m", model: "STAIRSTEP", tiers: [{ upTo: null, flatAmount: "25" }], waiveAtZero: false },
  {
    meterKey: "m",
    model: "PERCENTAGE",
    ratePercent: "2.9",
    fixedAmount: "0.30",
    freeEvents: 3,
    freeAmount: "500",
    minimumPerEvent: "0.5",
    maximumPerEvent: "0.5",
  },
  { meterKey: "m", model: "GRADUATED_PERCENTAGE", tiers: [{ upTo: null, ratePercent: "120", flatAmount: "1" }] },
  {
    meterKey: "m",
    model: "MATRIX",
    properties: ["model", "region"],
    cells: [
      { values: ["large", "eu"], unitPrice: "0.03" },
      { values: ["large", ""], unitPrice: "0.02" },
    ],
    defaultUnitPrice: "0.01",
  },
];

function faultsOf(json: unknown): [string, string][] {
  const parsed = parseRateCard(json);
  return parsed.ok ? [] : parsed.faults.map((fault) => [fault.path, fault.message]);
}

const perUnit = (rest: Record<string, unknown>) =>
  faultsOf({ meterKey: "m", model: "PER_UNIT", unitPrice: "1", ...rest });
const graduated = (tiers: unknown) => faultsOf({ meterKey: "m", model: "GRADUATED", tiers });
const tiersUpTo = (...bounds: unknown[]) => graduated(bounds.map((upTo) => ({ upTo, unitPrice: "1" })));

describe("a valid card", () => {
  test.each(CARDS.map((card) => [card.model, card] as const))("%s is read as it was written", (_, card) => {
    expect(parseRateCard(structuredClone(card))).toEqual({ ok: true, rateCard: card });
  });

  test("every price model is among them", () => {
    expect(new Set(CARDS.map((card) => card.model)).size).toBe(8);
  });

  test("has its allowance in includedQuantity, or freeAmount for a percentage", () => {
    const allowances = CARDS.map((card) => formatDecimal(includedQuantityOf(card)));
    expect(allowances).toEqual(["0.5", "0", "0", "0", "0", "500", "0", "0"]);
  });
});

describe("a card that is no card", () => {
  test.each([[null], [undefined], ["PER_UNIT"], [[]], [7]])("%j is refused as a whole", (json) => {
    const [[path, message] = []] = faultsOf(json);
    expect(path).toBe("");
    expect(message).toMatch(/must be an object/);
  });

  test("without a model, the model is named and the common fields are checked too", () => {
    expect(faultsOf({ meterKey: "Not A Key", includedQuantity: "-1", tiers: 7 })).toEqual([
      ["meterKey", expect.stringMatching(/^must be a key/)],
      ["model", expect.stringMatching(/^is missing; write one of PER_UNIT, GRADUATED/)],
      ["includedQuantity", expect.stringMatching(/^must not be negative/)],
    ]);
  });

  test("an unknown model is answered with the known ones", () => {
    expect(faultsOf({ meterKey: "m", model: "TIERED" })).toEqual([["model", expect.stringMatching(/MATRIX$/)]]);
  });

  test("a field of another model is refused, because it would silently not be charged", () => {
    expect(perUnit({ tiers: [] })).toEqual([["tiers", expect.stringMatching(/^is not a field here/)]]);
    expect(perUnit({ includedQuantty: "5" })).toEqual([["includedQuantty", expect.stringMatching(/includedQuantity/)]]);
  });

  test("a field that JSON cannot own, such as __proto__, does not slip in", () => {
    const json = JSON.parse('{"meterKey":"m","model":"PER_UNIT","unitPrice":"1","__proto__":{"prorate":true}}');
    expect(faultsOf(json)).toEqual([["__proto__", expect.stringMatching(/^is not a field here/)]]);
  });
});

describe("a price", () => {
  test.each([["0.0004"], ["0"], ["0.000000000001"], ["999999999999999999.999999999999"]])(
    "%s is taken",
    (unitPrice) => {
      expect(perUnit({ unitPrice })).toEqual([]);
    },
  );

  test.each([
    ["0.0000000000001", /^has 13 decimals; round it to at most 12/],
    ["0.1000000000000", /^has 13 decimals/],
    ["1000000000000000000", /^has 19 digits before the point; at most 18/],
    ["-0.01", /^must not be negative/],
    ["1e-7", /not a plain decimal/],
    ["1,000", /not a plain decimal/],
    [" 1", /not a plain decimal/],
    ["+1", /not a plain decimal/],
    [".5", /not a plain decimal/],
    ["", /not a plain decimal/],
    ["NaN", /not a plain decimal/],
    [0.0004, /in quotes/],
    [null, /in quotes/],
  ])("%j is refused, with what to write", (unitPrice, message) => {
    expect(perUnit({ unitPrice })).toEqual([["unitPrice", expect.stringMatching(message)]]);
  });

  test("a missing one is named, with an example", () => {
    expect(faultsOf({ meterKey: "m", model: "PER_UNIT" })).toEqual([
      ["unitPrice", expect.stringMatching(/^is missing; write the price.*"0.0004"/)],
    ]);
  });
});

describe("tiers", () => {
  test("end in an open-ended one", () => {
    expect(tiersUpTo("10", null)).toEqual([]);
    expect(tiersUpTo("10", "20")).toEqual([["tiers[1].upTo", expect.stringMatching(/must be open-ended; write null/)]]);
  });

  test("have no open-ended one before the last", () => {
    expect(tiersUpTo(null, null)).toEqual([["tiers[0].upTo", expect.stringMatching(/^only the last tier/)]]);
  });

  test("rise strictly", () => {
    expect(tiersUpTo("10", "10.000000000001", null)).toEqual([]);
    expect(tiersUpTo("10", "10.0", null)).toEqual([
      ["tiers[1].upTo", expect.stringMatching(/^must be more than the 10 of tier 1/)],
    ]);
    expect(tiersUpTo("10", "9", null)).toEqual([["tiers[1].upTo", expect.stringMatching(/rising order/)]]);
  });

  test("start above zero", () => {
    expect(tiersUpTo("0", null)).toEqual([["tiers[0].upTo", expect.stringMatching(/^must be more than zero/)]]);
    expect(tiersUpTo("0.000000000001", null)).toEqual([]);
  });

  test("say where they end: a forgotten bound is not an open one", () => {
    expect(graduated([{ unitPrice: "1" }])).toEqual([["tiers[0].upTo", expect.stringMatching(/^is missing/)]]);
  });

  test("number 1 to 100", () => {
    const rising = (count: number) => [...Array.from({ length: count - 1 }, (_, index) => `${index + 1}`), null];
    expect(tiersUpTo(...rising(100))).toEqual([]);
    expect(tiersUpTo(...rising(101))).toEqual([["tiers", expect.stringMatching(/^must be a list of 1 to 100 tiers/)]]);
    expect(tiersUpTo()).toEqual([["tiers", expect.stringMatching(/1 to 100/)]]);
    expect(graduated({})).toEqual([["tiers", expect.stringMatching(/1 to 100/)]]);
  });

  test("of a stairstep have a flat amount and no unit price", () => {
    expect(faultsOf({ meterKey: "m", model: "STAIRSTEP", tiers: [{ upTo: null, unitPrice: "1" }] })).toEqual([
      ["tiers[0].flatAmount", expect.stringMatching(/^is missing/)],
      ["tiers[0].unitPrice", expect.stringMatching(/^is not a field here/)],
    ]);
  });
});

describe("rules between fields", () => {
  test("a minimum may equal the maximum, not exceed it", () => {
    expect(perUnit({ minimumAmount: "5", maximumAmount: "5.00" })).toEqual([]);
    expect(perUnit({ minimumAmount: "5.01", maximumAmount: "5" })).toEqual([
      ["minimumAmount", expect.stringMatching(/must not be more than maximumAmount/)],
    ]);
  });

  const percentage = (rest: object) => faultsOf({ meterKey: "m", model: "PERCENTAGE", ratePercent: "1", ...rest });

  test("the same holds for the floor and cap of an event", () => {
    expect(percentage({ minimumPerEvent: "2", maximumPerEvent: "1" })).toEqual([
      ["minimumPerEvent", expect.stringMatching(/must not be more than maximumPerEvent/)],
    ]);
  });

  test("a cap of zero is refused: it would make the model free", () => {
    expect(percentage({ minimumPerEvent: "0" })).toEqual([]);
    expect(percentage({ maximumPerEvent: "0" })).toEqual([["maximumPerEvent", "must be more than zero"]]);
  });

  test("a percentage has one allowance, under one name", () => {
    expect(percentage({ includedQuantity: "5" })).toEqual([]);
    expect(percentage({ includedQuantity: "5", freeAmount: "5" })).toEqual([
      ["includedQuantity", expect.stringMatching(/keep freeAmount only/)],
    ]);
  });

  test("free events are a whole number without quotes", () => {
    expect(percentage({ freeEvents: 0 })).toEqual([]);
    for (const freeEvents of ["3", 1.5, -1, 1_000_000_001]) {
      expect(percentage({ freeEvents })).toEqual([["freeEvents", expect.stringMatching(/^must be a whole number/)]]);
    }
  });

  test("a negative total carries over only where it can be priced: not with MATRIX or PERCENTAGE", () => {
    expect(perUnit({ carryNegative: true })).toEqual([]);
    expect(percentage({ carryNegative: false })).toEqual([]);
    expect(percentage({ carryNegative: true })).toEqual([["carryNegative", expect.stringMatching(/PERCENTAGE/)]]);
  });

  test("a package holds something and is rounded up or down", () => {
    expect(
      faultsOf({ meterKey: "m", model: "PACKAGE", packageSize: "0", packagePrice: "1", rounding: "NEAREST" }),
    ).toEqual([
      ["packageSize", expect.stringMatching(/^must be more than zero/)],
      ["rounding", expect.stringMatching(/UP, DOWN/)],
    ]);
  });

  test("switches are true or false without quotes", () => {
    expect(perUnit({ prorate: "yes" })).toEqual([["prorate", expect.stringMatching(/^must be true or false/)]]);
  });
});

describe("a matrix", () => {
  const matrix = (properties: unknown, cells: unknown) =>
    faultsOf({ meterKey: "m", model: "MATRIX", properties, cells, defaultUnitPrice: "1" });
  const cell = (...values: unknown[]) => ({ values, unitPrice: "1" });

  test("has one value for each property in every cell", () => {
    expect(matrix(["model"], [cell("large", "eu")])).toEqual([
      ["cells[0].values", expect.stringMatching(/^has 2 values for 1 properties/)],
    ]);
  });

  test("prices each combination once", () => {
    expect(matrix(["a", "b"], [cell("x", "y"), cell("y", "x"), cell("x", "y")])).toEqual([
      ["cells[2].values", expect.stringMatching(/^repeats cell 0/)],
    ]);
  });

  test("names each property once", () => {
    expect(matrix(["a", "a"], [cell("x", "y")])).toEqual([["properties[1]", expect.stringMatching(/named twice/)]]);
  });

  test('leaves the reserved value "(other)" to the default price', () => {
    expect(matrix(["a"], [cell("(other)")])).toEqual([["cells[0].values[0]", expect.stringMatching(/reserved/)]]);
  });

  test("looks at 1 to 3 properties", () => {
    expect(matrix([], [cell("x")])[0]).toEqual(["properties", expect.stringMatching(/1 to 3/)]);
    expect(matrix(["a", "b", "c", "d"], [cell("x")])[0]).toEqual(["properties", expect.stringMatching(/1 to 3/)]);
  });

  test("has 1 to 1,000 cells with texts as values", () => {
    const cells = (count: number) => Array.from({ length: count }, (_, index) => cell(`v${index}`));
    expect(matrix(["a"], cells(1000))).toEqual([]);
    expect(matrix(["a"], cells(1001))).toEqual([["cells", expect.stringMatching(/1 to 1000 cells/)]]);
    expect(matrix(["a"], [cell(7)])).toEqual([["cells[0].values[0]", expect.stringMatching(/^must be text/)]]);
    expect(matrix(["a"], [cell("x".repeat(256))])).toEqual([["cells[0].values[0]", expect.stringMatching(/255/)]]);
  });
});

test("all faults come at once, each with its path", () => {
  const tiers = [
    { upTo: null, unitPrice: "1e3" },
    { upTo: "5", unitprice: "1" },
  ];
  const faults = faultsOf({ meterKey: 7, model: "VOLUME", tiers, minimumAmount: 5, prorate: 1 });
  expect(faults.map(([path]) => path)).toEqual([
    "meterKey",
    "minimumAmount",
    "prorate",
    "tiers[0].unitPrice",
    "tiers[1].unitPrice",
    "tiers[1].unitprice",
    "tiers[0].upTo",
    "tiers[1].upTo",
  ]);
});
