import type { StatementLine } from "./statement-lines.ts";

/** What must be added to a draft invoice, because Stripe does not make the line itself. Minor units, signed. */
export type InvoiceItemPlan = { key: string; amountMinor: bigint; line: StatementLine };

/**
 * The statement's lines that become invoice items: usage that Meterline rates, late usage, and what the bill's minimum or
 * maximum changes. A line of nothing is left out. `present` are the keys of items that the draft has already, so that a
 * second attempt adds only what is missing.
 */
export function invoiceItemsFor(lines: readonly StatementLine[], present: ReadonlySet<string>): InvoiceItemPlan[] {
  return lines
    .filter((line) => line.ratedBy === "METERLINE" && line.kind !== "UNCHARGED")
    .filter((line) => line.amount.amountMinor !== 0n && !present.has(line.key))
    .map((line) => ({ key: line.key, amountMinor: line.amount.amountMinor, line }));
}
