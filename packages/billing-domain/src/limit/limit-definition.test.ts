import { describe, expect, test } from "vitest";
import type { MeterDefinition } from "../meter.ts";
import { parsePlanDefinition } from "../plan.ts";
import type { RateCard } from "../rate-card.ts";
import { limitScopeKey, parseLimitDefinition } from "./limit-definition.ts";
import { faultsOfLimit } from "./limit-rules.ts";

const hard = { policy: "HARD", meterKey: "calls", quantity: "100" };
const paths = (json: unknown) => {
  const read = parseLimitDefinition(json);
  return read.ok ? [] : read.faults.map((fault) => fault.path);
};
const firstMessage = (json: unknown) => {
  const read = parseLimitDefinition(json);
  return read.ok ? "" : read.faults[0]?.message;
};

describe("definition", () => {
  test("a limit of 0 is a limit", () => {
    expect(parseLimitDefinition({ ...hard, quantity: "0" })).toMatchObject({ ok: true });
  });
  test("a negative limit is refused, with the fix", () => {
    expect(firstMessage({ ...hard, quantity: "-1" })).toBe(
      'must not be negative; write "0" for nothing at all, or leave the limit out for no limit',
    );
  });
  test("a bare number is refused", () => expect(paths({ ...hard, quantity: 100 })).toEqual(["quantity"]));
  test("units and money in one limit are refused", () => expect(paths({ ...hard, amount: "5" })).toEqual(["quantity"]));
  test("neither units nor money is refused", () =>
    expect(paths({ policy: "HARD", meterKey: "a" })).toEqual(["quantity"]));
  test("units without a meter are refused", () =>
    expect(paths({ policy: "HARD", quantity: "1" })).toEqual(["meterKey"]));
  test("money of a day or of a property value is refused: neither has a bill", () => {
    const property = { name: "model", value: "m" };
    expect(paths({ policy: "SOFT", amount: "5", period: "DAY", property })).toEqual(["period", "property"]);
  });
  test.each([
    [[0], ["warnAtPercent[0]"]],
    [[1000], ["warnAtPercent[0]"]],
    [[101], ["warnAtPercent[0]"]],
    [[80, 80], ["warnAtPercent[1]"]],
    [["80"], ["warnAtPercent[0]"]],
    [[], []],
    [[1, 100], []],
  ])("a hard limit that warns at %j has faults at %j", (warnAtPercent, at) => {
    expect(paths({ ...hard, warnAtPercent })).toEqual(at);
  });
  test("a soft limit may warn past itself", () => {
    expect(paths({ ...hard, policy: "SOFT", warnAtPercent: [100, 150, 500] })).toEqual([]);
  });
  test("every fault is reported at once", () => {
    expect(paths({ policy: "STOP", quantity: "x", period: "WEEK", extra: 1 })).toEqual([
      "policy",
      "period",
      "quantity",
      "extra",
      "meterKey",
    ]);
  });
  test("the scope is what is bounded, not the bound", () => {
    const other = { policy: "SOFT", meterKey: "calls", quantity: "7", period: "BILLING_PERIOD" } as const;
    expect(limitScopeKey({ policy: "HARD", meterKey: "calls", quantity: "100" })).toBe(limitScopeKey(other));
    expect(limitScopeKey({ ...other, period: "DAY" })).not.toBe(limitScopeKey(other));
  });
  test("a plan lists limits, with their place in the path", () => {
    const plan = { key: "p", name: "P", currency: "USD", baseAmount: "0", interval: "MONTH", intervalCount: 1 };
    expect(parsePlanDefinition({ ...plan, rateCards: [], limits: [hard] })).toMatchObject({ ok: true });
    expect(parsePlanDefinition({ ...plan, rateCards: [], limits: [hard, { ...hard, quantity: "-1" }] })).toMatchObject({
      ok: false,
      faults: [{ path: "limits[1].quantity" }],
    });
  });
});

describe("what cannot be decided is refused with the reason", () => {
  const meter = (aggregation: MeterDefinition["aggregation"]): MeterDefinition => ({
    key: "m",
    name: "M",
    unit: "units",
    aggregation,
    valueProperty: null,
    groupBy: [],
    filters: [],
    allowNegative: false,
    requiresSubscription: false,
    carryOver: false,
    stripeTransport: "V1",
    stripeEventName: null,
  });
  const faults = (aggregation: MeterDefinition["aggregation"], limit: object, card: object = {}) => {
    const read = parseLimitDefinition({ policy: "HARD", meterKey: "m", quantity: "5", ...limit });
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const rateCards = [{ meterKey: "m", model: "PER_UNIT", unitPrice: "1", ...card } as RateCard];
    return faultsOfLimit(read.limit, { meters: new Map([["m", meter(aggregation)]]), rateCards }).map(
      ({ path, message }) => `${path} ${message}`,
    );
  };
  const property = { name: "model", value: "x" };

  test("an unknown meter", () => expect(faults("SUM", { meterKey: "nope" })[0]).toMatch(/does not exist/));
  test.each(["SUM", "COUNT", "MAX"] as const)("%s takes every period and property values", (aggregation) => {
    for (const period of ["BILLING_PERIOD", "DAY", "HOUR", "LIFETIME"]) {
      expect(faults(aggregation, { period, property })).toEqual([]);
    }
  });
  test("LATEST takes windows, without property", () => {
    expect(faults("LATEST", { period: "DAY" })).toEqual([]);
    expect(faults("LATEST", { period: "LIFETIME", property })).toHaveLength(2);
  });
  test("UNIQUE_COUNT takes the billing period only", () => {
    expect(faults("UNIQUE_COUNT", {})).toEqual([]);
    expect(faults("UNIQUE_COUNT", { period: "DAY", property })).toHaveLength(2);
  });
  test("WEIGHTED_SUM is never HARD: it grows while nothing is recorded", () => {
    expect(faults("WEIGHTED_SUM", {})[0]).toMatch(/^policy cannot be HARD: "m" grows with time/);
    expect(faults("WEIGHTED_SUM", { policy: "SOFT", period: "DAY" })).toEqual([]);
  });

  const money = { quantity: undefined, amount: "5" };
  const tiers = (second: string) => [
    { upTo: "100", unitPrice: "1" },
    { upTo: null, unitPrice: second },
  ];
  test("a hard amount needs prices that never fall", () => {
    expect(faults("SUM", money)).toEqual([]);
    expect(faults("SUM", money, { model: "VOLUME", tiers: tiers("0.5") })[0]).toMatch(/gets cheaper/);
    expect(faults("SUM", money, { model: "VOLUME", tiers: tiers("1") })).toEqual([]);
    expect(faults("SUM", { ...money, policy: "SOFT" }, { model: "VOLUME", tiers: tiers("0.5") })).toEqual([]);
    expect(faults("SUM", money, { model: "GRADUATED", tiers: tiers("0.5") })).toEqual([]);
  });
  test("a hard amount is refused where a line depends on time, on order, on single events or on earlier periods", () => {
    expect(faults("WEIGHTED_SUM", money)[0]).toMatch(/grows with time/);
    expect(faults("LATEST", money)[0]).toMatch(/taken back/);
    expect(faults("SUM", money, { model: "PERCENTAGE", ratePercent: "1", fixedAmount: "0.1" })[0]).toMatch(
      /each event/,
    );
    expect(faults("SUM", money, { carryNegative: true })[0]).toMatch(/earlier periods/);
  });
  test("the whole bill is refused for any of its lines; a line only for its own", () => {
    const whole = { ...money, meterKey: undefined };
    expect(faults("LATEST", whole)[0]).toMatch(/the line "m"/);
    expect(faults("LATEST", money, { meterKey: "other" })).toEqual([]);
  });
});
