import { type Decimal, formatDecimal, maxDecimal, sumDecimals, ZERO } from "../decimal.ts";
import type { InvoiceItemPlan } from "./invoice-items.ts";
import type { StatementLine } from "./statement-lines.ts";

/** A line of Stripe's invoice. `key` says which line of ours it must be: `compareKeyOf`, or null where nobody knows it. */
export type InvoiceLine = {
  id: string;
  key: string | null;
  description: string;
  quantity: Decimal | null;
  amountMinor: bigint;
};

/** What may differ between a statement and its invoice. */
export type InvoiceDifferenceKind = "MISSING_LINE" | "EXTRA_LINE" | "QUANTITY" | "AMOUNT" | "CURRENCY" | "TOTAL";

/** One difference. `expected` is ours, `actual` Stripe's; units are null where the line has none. */
export type InvoiceDifference = {
  kind: InvoiceDifferenceKind;
  /** The line, as `compareKeyOf` names it; the id of Stripe's line where nobody knows it; null for the whole invoice. */
  key: string | null;
  expectedUnits: string | null;
  actualUnits: string | null;
  expectedMinor: bigint | null;
  actualMinor: bigint | null;
  message: string;
};

/**
 * Every base fee line stands together: Stripe splits a change of plan into a credit and a charge, and we do not. What was
 * not charged stands with the line that it is taken off.
 */
export function compareKeyOf(line: StatementLine): string {
  if (line.kind === "UNCHARGED") return line.key.slice(line.key.indexOf(":") + 1);
  return line.kind === "BASE_FEE" ? "base-fee" : line.key;
}

/**
 * Holds an invoice against the statement, line by line and in all, to the last unit and the last cent: nothing may differ.
 * Stripe may split a line (a tier each) or leave out one of nothing, and shows a negative quantity as zero; all else is a
 * difference, whoever is right.
 */
export function compareInvoice(
  statement: { currency: string; lines: readonly StatementLine[] },
  invoice: { currency: string; subtotalMinor: bigint; lines: readonly InvoiceLine[] },
): InvoiceDifference[] {
  if (statement.currency !== invoice.currency) {
    const message = `The invoice is in ${invoice.currency}, the statement in ${statement.currency}.`;
    return [{ ...wholeInvoice, kind: "CURRENCY", message }];
  }
  const ours = Map.groupBy(statement.lines, compareKeyOf);
  const theirs = Map.groupBy(invoice.lines, (line) => line.key ?? line.id);
  const differences: InvoiceDifference[] = [];
  for (const [key, lines] of ours) differences.push(...compareLine(key, lines, theirs.get(key) ?? []));
  for (const [key, lines] of theirs) if (!ours.has(key)) differences.push(...extraLine(key, lines));
  const expectedMinor = sumMinor(statement.lines.map((line) => line.amount.amountMinor));
  const { subtotalMinor } = invoice;
  if (expectedMinor !== subtotalMinor) {
    const message = `The invoice's lines come to ${subtotalMinor} instead of ${expectedMinor} minor units.`;
    differences.push({ ...wholeInvoice, kind: "TOTAL", expectedMinor, actualMinor: subtotalMinor, message });
  }
  return differences;
}

/**
 * What is wrong with a draft for certain, once the items are on it. Usage that Stripe rates is measured again when the draft is
 * finalized, so its lines, and the total, say nothing yet.
 */
export function compareDraft(
  statement: { currency: string; lines: readonly StatementLine[] },
  draft: { currency: string; lines: readonly InvoiceLine[] },
  items: readonly InvoiceItemPlan[],
): InvoiceDifference[] {
  const added = items.map(({ key, amountMinor, line }): InvoiceLine => {
    return { id: key, key, description: line.label, quantity: null, amountMinor };
  });
  const measured = statement.lines.filter((line) => line.kind === "USAGE" && line.ratedBy === "STRIPE");
  const stillToCome = new Set(measured.map(compareKeyOf));
  const whole = { currency: draft.currency, subtotalMinor: 0n, lines: [...draft.lines, ...added] };
  return compareInvoice(statement, whole).filter(
    ({ kind, key }) => kind !== "TOTAL" && (key === null || !stillToCome.has(key)),
  );
}

const wholeInvoice = { key: null, expectedUnits: null, actualUnits: null, expectedMinor: null, actualMinor: null };

function compareLine(key: string, ours: readonly StatementLine[], theirs: readonly InvoiceLine[]): InvoiceDifference[] {
  const expectedMinor = sumMinor(ours.map((line) => line.amount.amountMinor));
  const expected = unitsOf(ours);
  const expectedUnits = expected === null ? null : formatDecimal(expected);
  if (theirs.length === 0) {
    if (expectedMinor === 0n && (expected === null || expected.eq(ZERO) || isMeterlines(ours))) return [];
    const message = `The invoice has no line ${key}, which comes to ${expectedMinor} minor units.`;
    return [{ kind: "MISSING_LINE", key, expectedUnits, actualUnits: null, expectedMinor, actualMinor: null, message }];
  }
  const actualMinor = sumMinor(theirs.map((line) => line.amountMinor));
  const actual = expected === null ? null : sumDecimals(theirs.map((line) => line.quantity ?? ZERO));
  const both = {
    key,
    expectedUnits,
    actualUnits: actual === null ? null : formatDecimal(actual),
    expectedMinor,
    actualMinor,
  };
  const differences: InvoiceDifference[] = [];
  if (expected !== null && actual !== null && !expected.eq(actual)) {
    const message = `Line ${key} has ${both.actualUnits} units on the invoice instead of ${expectedUnits}.`;
    differences.push({ ...both, kind: "QUANTITY", message });
  }
  if (expectedMinor !== actualMinor) {
    const message = `Line ${key} comes to ${actualMinor} on the invoice instead of ${expectedMinor} minor units.`;
    differences.push({ ...both, kind: "AMOUNT", message });
  }
  return differences;
}

function extraLine(key: string, lines: readonly InvoiceLine[]): InvoiceDifference[] {
  const actualMinor = sumMinor(lines.map((line) => line.amountMinor));
  const actual = sumDecimals(lines.map((line) => line.quantity ?? ZERO));
  // A metered item without usage, and a base fee of nothing, stand on the invoice as lines of nothing.
  const isNothing = lines.every((line) => line.amountMinor === 0n);
  if (isNothing && (actual.eq(ZERO) || key === "base-fee")) return [];
  const actualUnits = lines.every((line) => line.quantity === null) ? null : formatDecimal(actual);
  const what = lines.map((line) => line.description).join(", ");
  const message = `The invoice has a line that the statement has not: ${what} (${actualMinor} minor units).`;
  return [{ kind: "EXTRA_LINE", key, expectedUnits: null, actualUnits, expectedMinor: null, actualMinor, message }];
}

/** What Stripe counts; null where units are not compared: fees, and items that we add with an amount of our own. */
function unitsOf(lines: readonly StatementLine[]): Decimal | null {
  const used = lines.filter((line) => line.kind === "USAGE");
  const uncharged = lines.filter((line) => line.kind === "UNCHARGED");
  if (used.length + uncharged.length < lines.length || lines.some((line) => line.ratedBy !== "STRIPE")) return null;
  const units = (of: readonly StatementLine[]) => sumDecimals(of.map((line) => line.quantity ?? ZERO));
  return maxDecimal(units(used), ZERO).plus(units(uncharged));
}

function isMeterlines(lines: readonly StatementLine[]): boolean {
  return lines.every((line) => line.ratedBy === "METERLINE");
}

function sumMinor(amounts: readonly bigint[]): bigint {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}
