import { ZERO } from "../decimal.ts";
import { compareKeyOf, type InvoiceDifference } from "./invoice-comparison.ts";
import type { LateLine } from "./late-usage.ts";
import type { StatementLine } from "./statement-lines.ts";

/** An invoice that Stripe finalized before Meterline had added what Stripe does not make itself. */
export type UnattendedInvoice = {
  lines: readonly StatementLine[];
  /** What the invoice charges otherwise than the statement (`compareInvoice`). */
  differences: readonly InvoiceDifference[];
  /** Stripe's: draft, open, paid, void, uncollectible. */
  status: string;
  /** Whether a period that is still to be frozen will bill late lines. */
  hasOpenPeriod: boolean;
};

/**
 * What is taken off the statement so that it says what Stripe charged, for the open period to bill as late lines; signed,
 * invoice less statement. Null where that is not safe and a person has to look: where no open period follows, where
 * somebody changed the invoice (a line that nobody knows, an item of ours with another amount, a fee), and where Stripe
 * prices the very units that we count differently, because it would do so again.
 */
export function decideUncharged(of: UnattendedInvoice): StatementLine[] | null {
  const isCharged = of.status === "open" || of.status === "paid";
  if (!isCharged || !of.hasOpenPeriod || of.differences.length === 0) return null;
  const taken: StatementLine[] = [];
  const byLine = Map.groupBy(
    of.differences.filter((one) => one.kind !== "TOTAL"),
    (one) => one.key ?? "",
  );
  for (const [key, differences] of byLine) {
    const line = unchargedOf(
      of.lines.filter((one) => compareKeyOf(one) === key),
      differences,
    );
    if (line === null) return null;
    taken.push(line);
  }
  const total = of.differences.find((one) => one.kind === "TOTAL");
  let sum = 0n;
  for (const line of taken) sum += line.amount.amountMinor;
  const missing = total === undefined ? 0n : (total.actualMinor ?? 0n) - (total.expectedMinor ?? 0n);
  return taken.length > 0 && sum === missing ? taken : null;
}

function unchargedOf(lines: readonly StatementLine[], differences: readonly InvoiceDifference[]): StatementLine | null {
  const [line, ...others] = lines;
  if (line === undefined || others.length > 0 || line.kind === "BASE_FEE") return null;
  const missing = differences.find((one) => one.kind === "MISSING_LINE");
  const units = differences.find((one) => one.kind === "QUANTITY");
  if (differences.some((one) => one.kind === "EXTRA_LINE" || one.kind === "CURRENCY")) return null;
  if (missing !== undefined) {
    const quantity = line.quantity === null ? null : ZERO.minus(line.quantity);
    return takenOff(line, quantity, -line.amount.amountMinor);
  }
  if (line.ratedBy !== "STRIPE" || units === undefined) return null;
  const quantity = ZERO.plus(units.actualUnits ?? "0").minus(units.expectedUnits ?? "0");
  return takenOff(line, quantity, (units.actualMinor ?? 0n) - (units.expectedMinor ?? 0n));
}

function takenOff(line: StatementLine, quantity: StatementLine["quantity"], amountMinor: bigint): StatementLine {
  const { currency } = line.amount;
  const key = `uncharged:${line.key}`;
  return { ...line, key, kind: "UNCHARGED", quantity, amount: { amountMinor, currency }, rated: null, billed: null };
}

/**
 * The same as late lines: what its period was billed becomes less (or more) by it, so that what is known of the period less
 * what it was billed is what is still to be billed.
 */
export function lateLineOfUncharged(uncharged: StatementLine, lines: readonly StatementLine[]): LateLine {
  const { meterKey, window: source, amount } = uncharged;
  const before = lines.find((line) => `uncharged:${line.key}` === uncharged.key);
  const earlier = before?.billed ?? null;
  const billed = {
    quantity: (before?.quantity ?? ZERO).plus(earlier?.quantity ?? ZERO),
    amount: {
      amountMinor: (before?.amount.amountMinor ?? 0n) + (earlier?.amount.amountMinor ?? 0n),
      currency: amount.currency,
    },
  };
  return { meterKey, source, quantity: uncharged.quantity ?? ZERO, amount, billed, known: null, isUncharged: true };
}
