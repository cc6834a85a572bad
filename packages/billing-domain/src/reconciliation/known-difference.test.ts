import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import { isToldAlready, type KnownDifference, type PeriodDifference } from "./known-difference.ts";

const found = (kind: string, units: string | null, amountMinor: bigint | null = 3n): PeriodDifference => ({
  kind,
  part: "usage:calls",
  units: units === null ? null : decimal(units),
  amountMinor,
});
const ticket = (kind: string, units: string | null, isSettled = false): KnownDifference => ({
  ...found(kind, units),
  isSettled,
});

describe("a difference that was told already", () => {
  test("is one of the same kind and part that waits for a person, whatever its numbers were", () => {
    expect(isToldAlready(found("REPORT_DEAD", "-5"), [ticket("REPORT_DEAD", "-3")])).toBe(true);
    expect(isToldAlready({ ...found("REPORT_DEAD", "-5"), part: "usage:seats" }, [ticket("REPORT_DEAD", "-5")])).toBe(
      false,
    );
  });

  test("once a person has settled it, only with the same units and cents", () => {
    const settled = [ticket("INVOICE_AMOUNT", null, true)];
    expect(isToldAlready(found("INVOICE_AMOUNT", null), settled)).toBe(true);
    expect(isToldAlready(found("INVOICE_AMOUNT", null, 4n), settled)).toBe(false);
    expect(isToldAlready(found("STRIPE_SUMMARY", "6"), [ticket("STRIPE_SUMMARY", "5", true)])).toBe(false);
  });

  test("the invoice's units and the summary's are the same difference when they are as many", () => {
    const accepted = [ticket("INVOICE_QUANTITY", "5", true)];
    expect(isToldAlready(found("STRIPE_SUMMARY", "5.0"), accepted)).toBe(true);
    expect(isToldAlready(found("STRIPE_SUMMARY", "6"), accepted)).toBe(false);
    expect(isToldAlready(found("STRIPE_SUMMARY", null), [ticket("INVOICE_QUANTITY", null)])).toBe(false);
    // Usage that nobody billed is something else.
    expect(isToldAlready(found("LATE_USAGE", "5"), accepted)).toBe(false);
  });

  test("nothing was told: it is news", () => {
    expect(isToldAlready(found("STRIPE_SUMMARY", "5"), [])).toBe(false);
  });
});
