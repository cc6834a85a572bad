import { describe, expect, test } from "vitest";
import { parsePlanDefinition } from "./plan.ts";

const PLAN = {
  key: "growth-2026",
  name: "Growth",
  currency: "USD",
  baseAmount: "49.00",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [{ meterKey: "api_requests", model: "PER_UNIT", unitPrice: "0.0004" }],
};

function faultsOf(json: unknown): [string, string][] {
  const parsed = parsePlanDefinition(json);
  return parsed.ok ? [] : parsed.faults.map((fault) => [fault.path, fault.message]);
}

const changed = (rest: Record<string, unknown>) => faultsOf({ ...PLAN, ...rest });

describe("a valid plan", () => {
  test("is read as it was written", () => {
    expect(parsePlanDefinition(structuredClone(PLAN))).toEqual({ ok: true, plan: PLAN });
  });

  test("may bound the bill and prorate the bounds", () => {
    const plan = { ...PLAN, minimumAmount: "10", maximumAmount: "1000.50", prorate: true };
    expect(parsePlanDefinition(plan)).toEqual({ ok: true, plan });
  });

  test("may be a base fee only, or metered only", () => {
    expect(changed({ rateCards: [] })).toEqual([]);
    expect(changed({ baseAmount: "0" })).toEqual([]);
  });
});

describe("a plan's own fields", () => {
  test.each([[null], [[]], ["growth"]])("%j is no plan", (json) => {
    expect(faultsOf(json)).toEqual([["", expect.stringMatching(/must be an object with the fields key, name/)]]);
  });

  test("an empty object is told everything it lacks", () => {
    expect(faultsOf({}).map(([path]) => path)).toEqual([
      "key",
      "name",
      "currency",
      "baseAmount",
      "interval",
      "intervalCount",
      "rateCards",
    ]);
  });

  test("the key is one that the database takes", () => {
    for (const key of ["growth", "growth_2", "a".repeat(100)]) expect(changed({ key })).toEqual([]);
    for (const key of ["", "Growth", "2growth", "a b", "a".repeat(101)]) {
      expect(changed({ key })).toEqual([["key", expect.stringMatching(/^must be a key/)]]);
    }
  });

  test("the name is text, and may be in any script", () => {
    expect(changed({ name: "Größe 成長" })).toEqual([]);
    for (const name of ["", " Growth", "x".repeat(201), 7]) {
      expect(changed({ name })).toEqual([["name", expect.stringMatching(/1 to 200 characters/)]]);
    }
  });

  test("the currency is one that Stripe charges, in upper case", () => {
    expect(changed({ currency: "usd" })).toEqual([["currency", 'must be upper case; write "USD"']]);
    expect(changed({ currency: "XXX" })).toEqual([["currency", expect.stringMatching(/^is not a currency/)]]);
  });

  test("a misspelt field is refused", () => {
    expect(changed({ minimum: "5" })).toEqual([["minimum", expect.stringMatching(/minimumAmount/)]]);
  });
});

describe("amounts of the bill", () => {
  test.each([
    ["USD", "49.00", []],
    ["USD", "49.000", []],
    ["USD", "49.005", ["baseAmount"]],
    ["JPY", "5000", []],
    ["JPY", "5000.5", ["baseAmount"]],
    ["KWD", "15.125", []],
    ["KWD", "15.1255", ["baseAmount"]],
  ])("in %s a base fee of %s is payable or refused", (currency, baseAmount, paths) => {
    expect(changed({ currency, baseAmount }).map(([path]) => path)).toEqual(paths);
  });

  test("the bounds must be payable too, and in order", () => {
    expect(changed({ minimumAmount: "1.001" })).toEqual([["minimumAmount", expect.stringMatching(/round it to 2/)]]);
    expect(changed({ minimumAmount: "6", maximumAmount: "5" })).toEqual([
      ["minimumAmount", expect.stringMatching(/must not be more than maximumAmount/)],
    ]);
  });
});

describe("the period", () => {
  test.each([
    ["DAY", 1095],
    ["WEEK", 156],
    ["MONTH", 36],
    ["QUARTER", 12],
    ["YEAR", 3],
  ])("in %s is at most %i long: three years, as Stripe allows", (interval, most) => {
    expect(changed({ interval, intervalCount: most })).toEqual([]);
    expect(changed({ interval, intervalCount: most + 1 })).toHaveLength(1);
  });

  test.each([[0], [-1], [1.5], ["1"], [1e9]])("a count of %j is refused once", (intervalCount) => {
    expect(changed({ intervalCount })).toEqual([["intervalCount", expect.stringMatching(/^must be a whole number/)]]);
  });

  test("an unknown interval is answered with the known ones", () => {
    expect(changed({ interval: "month" })).toEqual([["interval", "must be one of DAY, WEEK, MONTH, QUARTER, YEAR"]]);
  });
});

describe("the rate cards", () => {
  const card = (meterKey: string) => ({ meterKey, model: "PER_UNIT", unitPrice: "1" });

  test("price each meter once", () => {
    expect(changed({ rateCards: [card("a"), card("b"), card("a")] })).toEqual([
      ["rateCards[2].meterKey", expect.stringMatching(/^is priced by rate card 0 already/)],
    ]);
  });

  test("are at most 19: Stripe takes 20 items on a subscription, one for the base fee", () => {
    const cards = (count: number) => Array.from({ length: count }, (_, index) => card(`meter_${index}`));
    expect(changed({ rateCards: cards(19) })).toEqual([]);
    expect(changed({ rateCards: cards(20) })).toEqual([["rateCards", expect.stringMatching(/0 to 19 rate cards/)]]);
  });

  test("report their faults with their place in the plan, beside the plan's own", () => {
    const broken = { meterKey: "b", model: "GRADUATED", tiers: [{ upTo: "5", unitPrice: "-1" }] };
    expect(changed({ name: "", rateCards: [card("a"), broken] }).map(([path]) => path)).toEqual([
      "name",
      "rateCards[1].tiers[0].unitPrice",
      "rateCards[1].tiers[0].upTo",
    ]);
  });
});
