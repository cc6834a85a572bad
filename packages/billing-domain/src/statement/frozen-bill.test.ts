import { describe, expect, test } from "vitest";
import { rateBill } from "../bill.ts";
import { decimal } from "../decimal.ts";
import type { PlanDefinition } from "../plan.ts";
import { freezeBill, thawBill } from "./frozen-bill.ts";

const PLAN: PlanDefinition = {
  key: "p",
  name: "P",
  currency: "USD",
  baseAmount: "20",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [
    { meterKey: "calls", model: "PER_UNIT", unitPrice: "0.000000000001" },
    { meterKey: "peak", model: "PER_UNIT", unitPrice: "2" },
  ],
  minimumAmount: "25",
};
const usages = new Map([
  ["calls", { quantity: decimal("999999999999999999.123456789012"), eventCount: 3n }],
  ["peak", { quantity: null, eventCount: 0n }],
]);

describe("a frozen bill", () => {
  test("is exact text: 30 digits stay 30 digits, and no value stays no value", () => {
    const frozen = freezeBill(rateBill(PLAN, usages), usages);
    expect(frozen.lines[0]?.quantity).toBe("999999999999999999.123456789012");
    expect(frozen.lines[0]?.unroundedAmount).toBe("999999.999999999999123456789012");
    expect(frozen.usages).toEqual([
      { meterKey: "calls", quantity: "999999999999999999.123456789012", eventCount: "3" },
      { meterKey: "peak", quantity: null, eventCount: "0" },
    ]);
    expect(frozen.totalMinor).toBe("100002000");
  });

  test("keeps the minimum that was added", () => {
    const few = new Map([["calls", { quantity: decimal("1"), eventCount: 1n }]]);
    const frozen = freezeBill(rateBill(PLAN, few), few);
    expect(frozen.adjustments).toEqual([{ label: "Minimum charge", amountMinor: "500" }]);
    expect(thawBill(frozen).bill.total.amountMinor).toBe(2500n);
  });

  test("whose parts do not sum to its total is refused", () => {
    const frozen = freezeBill(rateBill(PLAN, usages), usages);
    expect(() => thawBill({ ...frozen, totalMinor: "1" })).toThrow(RangeError);
  });
});
