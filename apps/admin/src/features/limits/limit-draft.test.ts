import { expect, test } from "vitest";
import { EMPTY_DRAFT, limitInputOf } from "./limit-draft.ts";

test("a limit of a meter in units, with digits as people group them", () => {
  expect(limitInputOf({ ...EMPTY_DRAFT, meterKey: "calls", value: "1,000,000", warnAt: "50, 80 %" })).toEqual({
    policy: "HARD",
    period: "BILLING_PERIOD",
    meterKey: "calls",
    quantity: "1000000",
    warnAtPercent: [50, 80],
  });
});

test("the whole bill is always money; a meter may be", () => {
  expect(limitInputOf({ ...EMPTY_DRAFT, value: "500.50" })).toMatchObject({ amount: "500.50" });
  expect(limitInputOf({ ...EMPTY_DRAFT, meterKey: "calls", basis: "MONEY", value: "5" })).toMatchObject({
    meterKey: "calls",
    amount: "5",
  });
});

test("no figure, or warnings that are none, is no limit yet", () => {
  for (const value of ["", "abc", "-5", "1e9"]) expect(limitInputOf({ ...EMPTY_DRAFT, value })).toBeNull();
  expect(limitInputOf({ ...EMPTY_DRAFT, value: "5", warnAt: "soon" })).toBeNull();
  expect(limitInputOf({ ...EMPTY_DRAFT, value: "5", warnAt: "" })).toMatchObject({ warnAtPercent: [] });
});
