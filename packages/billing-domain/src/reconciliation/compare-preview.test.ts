import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import type { PlanDefinition } from "../plan.ts";
import type { InvoiceLine } from "../statement/invoice-comparison.ts";
import { comparePreview, type PreviewExpectation } from "./compare-preview.ts";

const plan: PlanDefinition = {
  key: "p",
  name: "P",
  currency: "USD",
  baseAmount: "20",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [
    { meterKey: "calls", model: "PER_UNIT", unitPrice: "0.10", includedQuantity: "100" },
    { meterKey: "storage", model: "STAIRSTEP", tiers: [{ upTo: null, flatAmount: "3" }] },
  ],
};
const window = { startAt: Date.parse("2026-11-01T00:00:00Z"), endAt: Date.parse("2026-12-01T00:00:00Z") };
const december = { startAt: window.endAt, endAt: Date.parse("2027-01-01T00:00:00Z") };

const expected = (summary: string | null, isSettled = true): PreviewExpectation => ({
  plan,
  window,
  feeAhead: { window: december, amount: { amountMinor: 2000n, currency: "USD" } },
  ratedBy: (meterKey) => (meterKey === "calls" ? "STRIPE" : "METERLINE"),
  counted: new Map(summary === null ? [] : [["calls", { summary: decimal(summary), isSettled }]]),
});
const line = (key: string | null, amountMinor: bigint, quantity: string | null = null): InvoiceLine => ({
  id: `il_${amountMinor}`,
  key,
  description: "by hand",
  quantity: quantity === null ? null : decimal(quantity),
  amountMinor,
});
const fee = line("base-fee", 2000n, "1");
const found = (of: PreviewExpectation, lines: InvoiceLine[], currency = "USD") =>
  comparePreview(of, { currency, lines }).map((one) => [one.kind, one.key, one.expectedMinor, one.actualMinor]);

describe("the preview of the next invoice", () => {
  test("agrees when each line is what the card makes of its units: 150 calls are 50 past the allowance, 5.00", () => {
    expect(found(expected("150"), [fee, line("usage:calls", 500n, "150")])).toEqual([]);
  });

  test("lags without a difference while the summary is not settled, or was not asked for", () => {
    expect(found(expected("150", false), [fee, line("usage:calls", 100n, "110")])).toEqual([]);
    expect(found(expected(null), [fee, line("usage:calls", 100n, "110")])).toEqual([]);
  });

  test("with other units than a settled summary differs, in units and cents", () => {
    expect(
      comparePreview(expected("150"), { currency: "USD", lines: [fee, line("usage:calls", 100n, "110")] }),
    ).toEqual([
      expect.objectContaining({
        kind: "QUANTITY",
        key: "usage:calls",
        expectedUnits: "150",
        actualUnits: "110",
        expectedMinor: 500n,
        actualMinor: 100n,
      }),
    ]);
  });

  test("with a wrong price differs, also while it lags", () => {
    // 10 units past the allowance are 1.00, not 1.10.
    const wrong = [["AMOUNT", "usage:calls", 100n, 110n]];
    expect(found(expected("150", false), [fee, line("usage:calls", 110n, "110")])).toEqual(wrong);
  });

  test("without a line that Stripe has usage for differs by what that usage costs", () => {
    expect(found(expected("150"), [fee])).toEqual([["MISSING_LINE", "usage:calls", 500n, null]]);
    // Inside the allowance nothing is at stake, and Stripe may leave a line of nothing out.
    expect(found(expected("0"), [fee])).toEqual([]);
  });

  test("with a fee that was edited, or none, differs; none is right where no period follows", () => {
    expect(found(expected("0"), [line("base-fee", 4000n, "2")])).toEqual([["AMOUNT", "base-fee", 2000n, 4000n]]);
    expect(found(expected("0"), [])).toEqual([["MISSING_LINE", "base-fee", 2000n, null]]);
    expect(found({ ...expected("0"), feeAhead: null }, [])).toEqual([]);
  });

  test("with a line that is not ours differs by it; what Meterline adds itself is not expected yet", () => {
    expect(found(expected("0"), [fee, line(null, 123n)])).toEqual([["EXTRA_LINE", "il_123", null, 123n]]);
  });

  test("shows a negative count as nothing, and several lines of one price as one", () => {
    expect(found(expected("-5"), [fee, line("usage:calls", 0n, "0")])).toEqual([]);
    const parts = [line("usage:calls", 0n, "100"), line("usage:calls", 500n, "50")];
    expect(found(expected("150"), [fee, ...parts])).toEqual([]);
  });

  test("in another currency is one difference", () => {
    expect(found(expected("150"), [fee], "EUR")).toEqual([["CURRENCY", null, null, null]]);
  });
});
