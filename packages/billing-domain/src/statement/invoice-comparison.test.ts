import { describe, expect, test } from "vitest";
import { rateBill } from "../bill.ts";
import { decimal } from "../decimal.ts";
import type { PlanDefinition } from "../plan.ts";
import { compareDraft, compareInvoice, type InvoiceLine } from "./invoice-comparison.ts";
import { invoiceItemsFor } from "./invoice-items.ts";
import { statementLines } from "./statement-lines.ts";

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
};
const window = { startAt: Date.parse("2026-11-01T00:00:00Z"), endAt: Date.parse("2026-12-01T00:00:00Z") };
const linesOf = (quantity: string) =>
  statementLines({
    ended: {
      window,
      bill: rateBill(PLAN, new Map([["calls", { quantity: decimal(quantity), eventCount: 1n }]])),
      lateLines: [],
    },
    feeCharged: null,
    feeAhead: null,
    ratedBy: (meterKey) => (meterKey === "calls" ? "STRIPE" : "METERLINE"),
  });

const line = (key: string | null, amountMinor: bigint, quantity: string | null = null): InvoiceLine => ({
  id: `il_${key}_${amountMinor}`,
  key,
  description: key ?? "by hand",
  quantity: quantity === null ? null : decimal(quantity),
  amountMinor,
});
const right = [line("base-fee", 2000n, "1"), line("usage:calls", 1000n, "100"), line("usage:storage", 300n, "1")];

function compare(
  lines: readonly InvoiceLine[],
  options: { currency?: string; subtotalMinor?: bigint; used?: string } = {},
) {
  const subtotalMinor = options.subtotalMinor ?? lines.reduce((sum, one) => sum + one.amountMinor, 0n);
  const statement = { currency: "USD", lines: linesOf(options.used ?? "100") };
  return compareInvoice(statement, { currency: options.currency ?? "USD", subtotalMinor, lines });
}
const kinds = (differences: ReturnType<typeof compare>) => differences.map((one) => [one.kind, one.key]);

describe("statement and invoice", () => {
  test("agree to the last unit and cent", () => {
    expect(compare(right)).toEqual([]);
  });

  test("agree where Stripe splits a line, and where it splits a fee into a charge and a credit", () => {
    const split = [line("usage:calls", 400n, "40"), line("usage:calls", 600n, "60")];
    const fee = [line("base-fee", 3000n, "1"), line("base-fee", -1000n, "1")];
    expect(compare([...fee, ...split, line("usage:storage", 300n, "1")])).toEqual([]);
  });

  test("differ by a cent of one line: the line and the total are named", () => {
    const cent = [right[0]!, line("usage:calls", 1001n, "100"), right[2]!];
    expect(compare(cent)).toMatchObject([
      { kind: "AMOUNT", key: "usage:calls", expectedMinor: 1000n, actualMinor: 1001n },
      { kind: "TOTAL", key: null, expectedMinor: 3300n, actualMinor: 3301n },
    ]);
  });

  test("differ by a unit that costs the same", () => {
    const unit = [right[0]!, line("usage:calls", 1000n, "99.999999999999"), right[2]!];
    expect(compare(unit)).toMatchObject([{ kind: "QUANTITY", expectedUnits: "100", actualUnits: "99.999999999999" }]);
  });

  test("differ by a line that is missing, and by one that nobody knows", () => {
    expect(kinds(compare([right[0]!, right[1]!, line(null, 300n)]))).toEqual([
      ["MISSING_LINE", "usage:storage"],
      ["EXTRA_LINE", "il_null_300"],
    ]);
  });

  test("differ by currency: nothing else is looked at", () => {
    expect(kinds(compare([], { currency: "EUR" }))).toEqual([["CURRENCY", null]]);
  });

  test("differ in total alone, as by lines that were not read", () => {
    expect(kinds(compare(right, { subtotalMinor: 3299n }))).toEqual([["TOTAL", null]]);
  });

  test("of nothing used: Stripe may show a line of nothing or none", () => {
    const none = [right[0]!, right[2]!];
    expect(compare(none, { used: "0" })).toEqual([]);
    expect(compare([...none, line("usage:calls", 0n, "0")], { used: "0" })).toEqual([]);
  });

  test("of a negative total: Stripe shows zero", () => {
    expect(compare([right[0]!, line("usage:calls", 0n, "0"), right[2]!], { used: "-5" })).toEqual([]);
  });

  test("a line of nothing that nobody knows is no difference, unless it has units", () => {
    expect(compare([...right, line(null, 0n)])).toEqual([]);
    expect(kinds(compare([...right, line("usage:other", 0n, "3")]))).toEqual([["EXTRA_LINE", "usage:other"]]);
  });
});

describe("statement and draft", () => {
  const compareWith = (lines: readonly InvoiceLine[], currency = "USD") => {
    const own = linesOf("100");
    const present = new Set(lines.flatMap((one) => (one.id.startsWith("ours") ? (one.key ?? []) : [])));
    const items = invoiceItemsFor(own, present);
    return kinds(compareDraft({ currency: "USD", lines: own }, { currency, lines }, items));
  };
  const [fee, calls, storage] = [right[0]!, right[1]!, { ...right[2]!, id: "ours" }];

  test("agree before our items are on it, and after", () => {
    expect(compareWith([fee, calls])).toEqual([]);
    expect(compareWith([fee, calls, storage])).toEqual([]);
  });

  test("agree where usage that Stripe rates is behind, or not there yet", () => {
    expect(compareWith([fee, line("usage:calls", 10n, "1")])).toEqual([]);
    expect(compareWith([fee])).toEqual([]);
  });

  test("differ by another fee, none, or a line that nobody knows", () => {
    expect(compareWith([line("base-fee", 4000n, "2"), calls])).toEqual([["AMOUNT", "base-fee"]]);
    expect(compareWith([calls])).toEqual([["MISSING_LINE", "base-fee"]]);
    expect(compareWith([fee, calls, line(null, 5n)])).toEqual([["EXTRA_LINE", "il_null_5"]]);
  });

  test("differ where Stripe bills what Meterline rates as well, be it the same amount", () => {
    expect(compareWith([fee, calls, line("usage:storage", 300n, "1")])).toEqual([["AMOUNT", "usage:storage"]]);
    expect(compareWith([fee, calls, storage, line("usage:storage", 7n, "1")])).toEqual([["AMOUNT", "usage:storage"]]);
  });

  test("differ in currency", () => {
    expect(compareWith([fee, calls], "EUR")).toEqual([["CURRENCY", null]]);
  });
});
