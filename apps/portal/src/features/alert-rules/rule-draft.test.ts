import { expect, test } from "vitest";
import { BUDGET_DRAFT, percentsOf, ruleInputOf, withKind } from "./rule-draft.ts";

const channels = ["IN_APP", "EMAIL", "WEBHOOK"];

test("a budget of the whole bill names no meter", () => {
  expect(ruleInputOf({ ...BUDGET_DRAFT, value: "1,500" }, "c")).toEqual({
    customerId: "c",
    kind: "BUDGET",
    basis: "MONEY",
    amount: "1500",
    percents: ["50", "80", "100"],
    channels,
  });
});

test("units and allowances need a meter, a limit its id, a pattern no figure", () => {
  const threshold = withKind(BUDGET_DRAFT, "THRESHOLD");
  expect(ruleInputOf({ ...threshold, basis: "UNITS", value: "5" }, "c")).toBeNull();
  expect(ruleInputOf({ ...threshold, basis: "UNITS", value: "5", meterKey: "m" }, "c")).toMatchObject({
    meterKey: "m",
    quantity: "5",
  });
  expect(ruleInputOf({ ...threshold, basis: "LIMIT" }, "c")).toBeNull();
  expect(ruleInputOf({ ...threshold, basis: "LIMIT", limitId: "l" }, "c")).toMatchObject({ limitId: "l" });
  const spike = withKind({ ...threshold, meterKey: "m" }, "SPIKE");
  expect(ruleInputOf(spike, "c")).toEqual({
    customerId: "c",
    kind: "SPIKE",
    basis: "PATTERN",
    meterKey: "m",
    channels,
  });
});

test("no channel, no figure or no thresholds is no rule yet", () => {
  expect(ruleInputOf({ ...BUDGET_DRAFT, value: "5", channels: [] }, "c")).toBeNull();
  expect(ruleInputOf({ ...BUDGET_DRAFT, value: "five" }, "c")).toBeNull();
  expect(ruleInputOf({ ...BUDGET_DRAFT, value: "5", percents: "" }, "c")).toBeNull();
  expect(percentsOf("80 %, 95.5%")).toEqual(["80", "95.5"]);
  expect(percentsOf("soon")).toBeNull();
});
