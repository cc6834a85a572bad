import { describe, expect, test } from "vitest";
import { rateBill } from "../bill.ts";
import { type Decimal, decimal, formatDecimal } from "../decimal.ts";
import type { PlanDefinition } from "../plan.ts";
import type { MeterUsage } from "../rating/index.ts";
import { compareInvoice, type InvoiceLine } from "./invoice-comparison.ts";
import { lateLinesOf } from "./late-usage.ts";
import { statementLines } from "./statement-lines.ts";
import { decideUncharged, lateLineOfUncharged } from "./uncharged.ts";

/** Calls at 10 cents by Stripe; storage at 3.00 by Meterline; at least 100.00 in all. */
const PLAN: PlanDefinition = {
  key: "p",
  name: "P",
  currency: "USD",
  baseAmount: "20",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [
    { meterKey: "calls", model: "PER_UNIT", unitPrice: "0.10" },
    { meterKey: "storage", model: "STAIRSTEP", tiers: [{ upTo: null, flatAmount: "3" }] },
  ],
  minimumAmount: "100",
};
const window = { startAt: Date.parse("2026-11-01T00:00:00Z"), endAt: Date.parse("2026-12-01T00:00:00Z") };
const october = { startAt: Date.parse("2026-10-01T00:00:00Z"), endAt: Date.parse("2026-11-01T00:00:00Z") };
const usages = new Map<string, MeterUsage>([
  ["calls", { quantity: decimal("100"), eventCount: 1n }],
  ["storage", { quantity: decimal("7"), eventCount: 1n }],
]);
const bill = rateBill(PLAN, usages);
const usd = (amountMinor: bigint) => ({ amountMinor, currency: "USD" });
/** 10.00 of calls, 3.00 of storage, 67.00 up to the minimum beside the base fee of 20.00, and 4.00 late of October. */
const lines = statementLines({
  ended: {
    window,
    bill,
    lateLines: [
      {
        meterKey: "storage",
        source: october,
        quantity: decimal("2"),
        amount: usd(400n),
        billed: { quantity: decimal("5"), amount: usd(300n) },
        known: null,
      },
    ],
  },
  feeCharged: usd(2000n),
  feeAhead: { window: { startAt: window.endAt, endAt: window.endAt + 1 }, amount: usd(2000n) },
  ratedBy: (meterKey) => (meterKey === "calls" ? "STRIPE" : "METERLINE"),
});

const line = (key: string | null, amountMinor: bigint, quantity: string | null = null): InvoiceLine => ({
  id: `il_${key}`,
  key,
  description: key ?? "by hand",
  quantity: quantity === null ? null : decimal(quantity),
  amountMinor,
});
const fee = line("base-fee", 2000n, "1");
const ours = [line("usage:storage", 300n), line("bound", 6700n), line("late:storage:2026-10-01T00:00:00.000Z", 400n)];

function against(theirs: readonly InvoiceLine[], known = lines) {
  const subtotalMinor = theirs.reduce((sum, one) => sum + one.amountMinor, 0n);
  return compareInvoice({ currency: "USD", lines: known }, { currency: "USD", subtotalMinor, lines: theirs });
}
const decide = (theirs: readonly InvoiceLine[], change: { status?: string; hasOpenPeriod?: boolean } = {}) =>
  decideUncharged({ lines, differences: against(theirs), status: "paid", hasOpenPeriod: true, ...change });
const text = (quantity: Decimal | null) => (quantity === null ? null : formatDecimal(quantity));

describe("an invoice that Stripe finalized by itself", () => {
  test("lacks every line of ours and the calls that were told too late: the statement says what it charged", () => {
    const theirs = [fee, line("usage:calls", 600n, "60")];
    const taken = decide(theirs) ?? [];
    expect(taken.map((one) => [one.key, text(one.quantity), one.amount.amountMinor])).toEqual([
      ["uncharged:usage:calls", "-40", -400n],
      ["uncharged:usage:storage", "-7", -300n],
      ["uncharged:bound", null, -6700n],
      ["uncharged:late:storage:2026-10-01T00:00:00.000Z", "-2", -400n],
    ]);
    expect(against(theirs, [...lines, ...taken])).toEqual([]);
  });

  test("what it did not charge is late in the period that it belongs to, and the next bill makes it up", () => {
    const taken = decide([fee, line("usage:calls", 600n, "60")]) ?? [];
    const late = taken.map((one) => lateLineOfUncharged(one, lines));
    expect(late.map((one) => [one.source, text(one.billed.quantity), one.billed.amount.amountMinor])).toEqual([
      [window, "100", 1000n],
      [window, "7", 300n],
      [window, "0", 6700n],
      // October was billed 5 of storage, and 2 late.
      [october, "7", 700n],
    ]);
    const billedLate = late.filter((one) => one.source === window);
    const next = lateLinesOf({ source: window, frozen: bill, known: bill, billedLate });
    expect(next.map((one) => [one.meterKey, text(one.quantity), one.amount.amountMinor])).toEqual([
      ["calls", "40", 400n],
      ["storage", "7", 300n],
      [null, "0", 6700n],
    ]);
  });

  test("what was told and then taken back in the grace was charged too much: it is given back the same way", () => {
    const [taken, ...rest] = decide([fee, line("usage:calls", 1500n, "150"), ...ours]) ?? [];
    expect(rest).toEqual([]);
    expect([text(taken?.quantity ?? null), taken?.amount.amountMinor]).toEqual(["50", 500n]);
  });
});

describe("a person has to look", () => {
  test("where no open period follows, and where the invoice was voided", () => {
    expect(decide([fee, line("usage:calls", 600n, "60")], { hasOpenPeriod: false })).toBeNull();
    expect(decide([fee, line("usage:calls", 600n, "60")], { status: "void" })).toBeNull();
  });

  test("where a line is not ours, an item of ours has another amount, or the fee differs", () => {
    const calls = line("usage:calls", 1000n, "100");
    expect(decide([fee, calls, line(null, 123n)])).toBeNull();
    expect(decide([fee, calls, line("usage:storage", 299n), ...ours.slice(1)])).toBeNull();
    expect(decide([calls, ...ours])).toBeNull();
  });

  test("where Stripe prices our units differently: it would again", () => {
    expect(decide([fee, line("usage:calls", 999n, "100"), ...ours])).toBeNull();
  });

  test("and nothing is taken off where nothing differs", () => {
    expect(decide([fee, line("usage:calls", 1000n, "100"), ...ours])).toBeNull();
  });
});
