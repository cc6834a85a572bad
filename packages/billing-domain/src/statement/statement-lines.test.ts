import { describe, expect, test } from "vitest";
import { rateBill } from "../bill.ts";
import { decimal } from "../decimal.ts";
import type { PlanDefinition } from "../plan.ts";
import { invoiceItemsFor } from "./invoice-items.ts";
import { lateLinesOf } from "./late-usage.ts";
import { baseFeeAhead, type StatementContent, statementLines, statementTotal } from "./statement-lines.ts";

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
  maximumAmount: "30",
};
const month = (from: string, to: string) => ({ startAt: Date.parse(from), endAt: Date.parse(to) });
const october = month("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
const november = month("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
const december = month("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
const usd = (amountMinor: bigint) => ({ amountMinor, currency: "USD" });
const calls = (quantity: string) => new Map([["calls", { quantity: decimal(quantity), eventCount: 1n }]]);

const lateLines = lateLinesOf({
  source: october,
  frozen: rateBill(PLAN, calls("10")),
  known: rateBill(PLAN, calls("12")),
  billedLate: [],
});
const content: StatementContent = {
  ended: { window: november, bill: rateBill(PLAN, calls("100")), lateLines },
  feeCharged: null,
  feeAhead: null,
  ratedBy: (meterKey) => (meterKey === "calls" ? "STRIPE" : "METERLINE"),
};
const told = (of: StatementContent) =>
  statementLines(of).map((line) => [line.key, line.amount.amountMinor, line.ratedBy]);

describe("a statement", () => {
  test("in arrears is the period's bill and what came late of earlier ones", () => {
    // 20 + 10 + 3 = 33, cut by 3 to 30; and 2 calls of October at 10 cents.
    expect(told(content)).toEqual([
      ["base-fee", 2000n, "STRIPE"],
      ["usage:calls", 1000n, "STRIPE"],
      ["usage:storage", 300n, "METERLINE"],
      ["bound", -300n, "METERLINE"],
      ["late:calls:2026-10-01T00:00:00.000Z", 20n, "METERLINE"],
    ]);
    expect(statementTotal(statementLines(content), "USD")).toEqual(usd(3020n));
  });

  test("with the fee charged ahead has the coming period's, and nothing of the one that was paid", () => {
    const ahead = { ...content, feeCharged: usd(2000n), feeAhead: { window: december, amount: usd(2000n) } };
    const lines = statementLines(ahead);
    expect(lines.map((line) => line.key)).not.toContain("base-fee");
    expect(lines.at(-1)).toMatchObject({ key: "base-fee-ahead", window: december, amount: usd(2000n) });
  });

  test("gives back what was charged ahead of a period that was cut short", () => {
    const bill = rateBill(PLAN, new Map(), { periodShare: decimal("0.5") });
    const lines = statementLines({
      ...content,
      ended: { window: november, bill, lateLines: [] },
      feeCharged: usd(2000n),
    });
    expect(lines[0]).toMatchObject({ key: "base-fee", label: "Base fee, corrected", amount: usd(-1000n) });
  });

  test("of a subscription that starts is its first fee alone", () => {
    expect(told({ ...content, ended: null, feeAhead: { window: november, amount: usd(2000n) } })).toEqual([
      ["base-fee-ahead", 2000n, "STRIPE"],
    ]);
    expect(told({ ...content, ended: null, feeAhead: { window: november, amount: usd(0n) } })).toEqual([]);
  });
});

describe("a base fee charged ahead", () => {
  test("is the whole fee, or from where the period begins; an end ahead does not shorten it", () => {
    expect(baseFeeAhead(PLAN, { window: november, full: november })).toEqual({ window: november, amount: usd(2000n) });
    // 15 of November's 30 days.
    const half = month("2026-11-16T00:00:00Z", "2026-11-20T00:00:00Z");
    expect(baseFeeAhead(PLAN, { window: half, full: november })).toEqual({
      window: month("2026-11-16T00:00:00Z", "2026-12-01T00:00:00Z"),
      amount: usd(1000n),
    });
  });
});

describe("invoice items", () => {
  test("are the lines that Stripe does not make, but for those of nothing and those that are there already", () => {
    const items = invoiceItemsFor(statementLines(content), new Set(["bound"]));
    expect(items.map((item) => [item.key, item.amountMinor])).toEqual([
      ["usage:storage", 300n],
      ["late:calls:2026-10-01T00:00:00.000Z", 20n],
    ]);
  });
});
