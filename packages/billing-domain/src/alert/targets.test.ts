import { describe, expect, it } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { type PlanDefinition, parsePlanDefinition } from "../plan.ts";
import type { AlertRule } from "./alert-rule.ts";
import { type AlertLimit, derivedAlertRules, effectiveAlertRules } from "./derived-rules.ts";
import { alertTargets, generationToRaise, isCrossed } from "./targets.ts";

const parsed = parsePlanDefinition({
  key: "p",
  name: "P",
  currency: "USD",
  baseAmount: "0",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [
    { meterKey: "calls", model: "PER_UNIT", unitPrice: "1", includedQuantity: "1000" },
    { meterKey: "seats", model: "PER_UNIT", unitPrice: "1" },
  ],
});
const plan: PlanDefinition | null = parsed.ok ? parsed.plan : null;
const limit: AlertLimit = {
  id: "l1",
  scope: "l1",
  meterKey: "calls",
  policy: "HARD",
  value: decimal("5000"),
  isMoney: false,
  span: "PERIOD",
  propertyValue: null,
  percents: [decimal("80"), decimal("100")],
};

function derived(limits: readonly AlertLimit[], percents: string[] | null = null, forecast = true): AlertRule[] {
  const settings = { percents: percents?.map((percent) => decimal(percent)) ?? null, forecast };
  return derivedAlertRules(plan, limits, settings).map(({ name, rule }) => ({ ...rule, id: name }));
}

describe("derivedAlertRules", () => {
  it("each allowance and each limit has thresholds and a forecast; a meter without allowance has none", () => {
    expect(derived([limit]).map((rule) => rule.id)).toEqual([
      "allowance calls",
      "allowance forecast calls",
      "limit l1",
      "limit forecast l1",
    ]);
  });

  it("a limit of an hour or of one property value has thresholds only, and forecasts can be switched off", () => {
    const others: AlertLimit[] = [
      { ...limit, scope: "hour", span: "HOUR" },
      { ...limit, scope: "model", propertyValue: "m" },
    ];
    expect(derived(others).map((rule) => rule.id)).toEqual([
      "allowance calls",
      "allowance forecast calls",
      "limit hour",
      "limit model",
    ]);
    expect(derived([limit], null, false).map((rule) => rule.kind)).toEqual(["THRESHOLD", "THRESHOLD"]);
  });

  it("without a plan there is nothing to be warned of", () => {
    expect(derivedAlertRules(null, [], { percents: null, forecast: true })).toEqual([]);
  });

  it("a stored rule takes the place of the derived one with its id, and is forgotten when that is gone", () => {
    const [first] = derived([]);
    const changed: AlertRule = { ...(first as AlertRule), enabled: false };
    const own: AlertRule = { ...changed, id: "own", source: "MEMBER" };
    const gone: AlertRule = { ...changed, id: "limit l9" };
    expect(effectiveAlertRules(derived([]), [gone, own, changed]).map((rule) => [rule.id, rule.enabled])).toEqual([
      ["allowance calls", false],
      ["allowance forecast calls", true],
      ["own", false],
    ]);
  });
});

describe("alertTargets", () => {
  const targets = alertTargets(derived([limit], ["50", "80", "100"]), { plan, limits: [limit] });

  it("a threshold is its share of the basis, and names itself by its percentage", () => {
    const calls = targets.filter((target) => target.ruleId === "allowance calls");
    expect(calls.map((target) => [target.thresholdKey, formatDecimal(target.thresholdValue)])).toEqual([
      ["50 %", "500"],
      ["80 %", "800"],
      ["100 %", "1000"],
    ]);
  });

  it("only a hard limit that is reached is critical; 80 % is a warning, and less is told", () => {
    const severities = (ruleId: string) => targets.filter((one) => one.ruleId === ruleId).map((one) => one.severity);
    expect(severities("allowance calls")).toEqual(["INFO", "WARNING", "WARNING"]);
    expect(severities("limit l1")).toEqual(["INFO", "WARNING", "CRITICAL"]);
  });

  it("reaching a threshold is crossing it, and a unit less is not", () => {
    const [, eighty] = targets;
    expect(eighty && [isCrossed(eighty, decimal("799.999999")), isCrossed(eighty, decimal("800"))]).toEqual([
      false,
      true,
    ]);
  });

  it("a limit of 0 and a rule whose limit has ended have no thresholds", () => {
    const zero = { ...limit, value: decimal("0") };
    expect(alertTargets(derived([zero]), { plan: null, limits: [zero] })).toEqual([]);
    expect(alertTargets(derived([limit]), { plan: null, limits: [] })).toEqual([]);
  });
});

describe("generationToRaise", () => {
  const target = { ruleId: "r", thresholdKey: "80 %", basisValue: decimal("1000") };
  const fired = (basisValue: string, generation = 0) => ({
    ruleId: "r",
    thresholdKey: "80 %",
    basisValue: decimal(basisValue),
    generation,
  });

  it("first is generation 0, again is never", () => {
    expect(generationToRaise(target, [])).toBe(0);
    expect(generationToRaise(target, [fired("1000")])).toBeNull();
    expect(generationToRaise(target, [{ ...fired("1000"), thresholdKey: "100 %" }])).toBe(0);
  });

  it("a raised basis re-arms, a lowered one and one put back do not", () => {
    expect(generationToRaise(target, [fired("900")])).toBe(1);
    expect(generationToRaise(target, [fired("2000")])).toBeNull();
    expect(generationToRaise(target, [fired("900"), fired("1000", 1)])).toBeNull();
  });
});
