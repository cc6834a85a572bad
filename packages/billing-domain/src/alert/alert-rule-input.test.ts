import { describe, expect, it } from "vitest";
import { decimal } from "../decimal.ts";
import { type AlertRuleInput, alertRuleFaults } from "./alert-rule-input.ts";

const rule = (overrides: Partial<AlertRuleInput> = {}): AlertRuleInput => ({
  kind: "THRESHOLD",
  basis: "ALLOWANCE",
  meterKey: "calls",
  limitId: null,
  quantity: null,
  amount: null,
  percents: [decimal("80"), decimal("100")],
  ...overrides,
});
const faultsOf = (overrides: Partial<AlertRuleInput>) => alertRuleFaults(rule(overrides)).map((fault) => fault.path);
const usd = (amountMinor: bigint) => ({ amountMinor, currency: "USD" });

describe("alertRuleFaults", () => {
  it("a sound rule has none", () => {
    expect(alertRuleFaults(rule())).toEqual([]);
    expect(faultsOf({ kind: "BUDGET", basis: "MONEY", meterKey: null, amount: usd(1n) })).toEqual([]);
    expect(faultsOf({ kind: "DROP", basis: "PATTERN", percents: [] })).toEqual([]);
    expect(faultsOf({ basis: "UNITS", quantity: decimal("0.5"), percents: [decimal("100")] })).toEqual([]);
  });

  it.each([
    ["0", "reached before anything is used"],
    ["-1", "reached before anything is used"],
    ["500.0001", "past 500 %"],
    ["1000", "past 500 %"],
    ["33.33333", "more than 4 decimals"],
  ])("%s %% is refused, and why is said", (percent, why) => {
    const [fault] = alertRuleFaults(rule({ percents: [decimal(percent)] }));
    expect(fault?.path).toBe("percents");
    expect(fault?.message).toContain(why);
  });

  it("just above 0 % and 500 % are taken", () => {
    expect(faultsOf({ percents: [decimal("0.0001"), decimal("500")] })).toEqual([]);
  });

  it("none, eleven, and the same threshold twice are refused", () => {
    expect(faultsOf({ percents: [] })).toEqual(["percents"]);
    const eleven = Array.from({ length: 11 }, (_, index) => decimal(String(index + 1)));
    expect(faultsOf({ percents: eleven })).toEqual(["percents"]);
    expect(faultsOf({ percents: [decimal("80"), decimal("80.0")] })).toEqual(["percents"]);
  });

  it("every kind has its bases, and a basis what it needs", () => {
    expect(faultsOf({ kind: "BUDGET" })).toEqual(["basis"]);
    expect(faultsOf({ kind: "SPIKE", basis: "PATTERN" })).toEqual(["percents"]);
    expect(faultsOf({ meterKey: null })).toEqual(["meterKey"]);
    expect(faultsOf({ basis: "LIMIT" })).toEqual(["limitId"]);
    expect(faultsOf({ basis: "UNITS" })).toEqual(["quantity"]);
    expect(faultsOf({ basis: "UNITS", quantity: decimal("0") })).toEqual(["quantity"]);
    expect(faultsOf({ basis: "MONEY", amount: usd(0n) })).toEqual(["amount"]);
    expect(faultsOf({ quantity: decimal("5"), amount: usd(5n) })).toEqual(["quantity", "amount"]);
  });
});
