import type { Bill } from "../bill.ts";
import { type Decimal, sumDecimals, ZERO } from "../decimal.ts";
import { addMoney, type Money, negateMoney, sumMoney } from "../money.ts";
import type { RatedLine } from "../rating/index.ts";
import type { Window } from "../window.ts";

/** What a frozen period was billed for late, in an earlier statement; `meterKey` null is the bill's own minimum or maximum. */
export type BilledLate = { meterKey: string | null; quantity: Decimal; amount: Money };

/**
 * What became known of a frozen billing period after it was frozen, of one meter (or, with `meterKey` null, of the bill's
 * minimum and maximum): billed in the open period on a line of its own. Quantity and amount are signed differences.
 */
export type LateLine = BilledLate & {
  /** The billing period that the usage belongs to. */
  source: Window;
  /** What the source period was billed for this meter before: when it was frozen, and late since. */
  billed: { quantity: Decimal; amount: Money };
  /** How the meter's whole usage of the source period is priced, with everything known now; null for the bill's own bounds. */
  known: RatedLine | null;
  /** True of what the invoice of its period did not charge: the next bill makes it up. */
  isUncharged?: boolean;
};

/**
 * The late lines of one frozen period: what its bill would be with everything known now, less what was billed for it so
 * far. Never the late units at some price: tiers, allowance, minimum and maximum of the source period decide, so the sum
 * of all that was ever billed for a period is what it would have cost had nothing been late. In the plan's order, the
 * bill's bounds last; a line that changes neither units nor amount is left out.
 */
export function lateLinesOf(of: {
  source: Window;
  frozen: Bill;
  billedLate: readonly BilledLate[];
  known: Bill;
}): LateLine[] {
  const { source, frozen, known } = of;
  const { currency } = known.total;
  const lines = known.lines.map((line): LateLine => {
    const before = frozen.lines.find((one) => one.meterKey === line.meterKey);
    const late = of.billedLate.filter((one) => one.meterKey === line.meterKey);
    const billed = {
      quantity: sumDecimals([before?.quantity ?? ZERO, ...late.map((one) => one.quantity)]),
      amount: sumMoney([...(before === undefined ? [] : [before.amount]), ...late.map((one) => one.amount)], currency),
    };
    const quantity = line.quantity.minus(billed.quantity);
    const amount = addMoney(line.amount, negateMoney(billed.amount));
    return { meterKey: line.meterKey, source, quantity, amount, billed, known: line };
  });
  return [...lines, boundsLine(of)].filter((line) => !line.quantity.eq(ZERO) || line.amount.amountMinor !== 0n);
}

/** What the bill's minimum or maximum comes to now, less what it came to. The base fee never changes after the freeze. */
function boundsLine(of: { source: Window; frozen: Bill; billedLate: readonly BilledLate[]; known: Bill }): LateLine {
  const { source, frozen, known } = of;
  const { currency } = known.total;
  const late = of.billedLate.filter((one) => one.meterKey === null).map((one) => one.amount);
  const billed = sumMoney([...frozen.adjustments.map((one) => one.amount), ...late], currency);
  const now = sumMoney(
    known.adjustments.map((one) => one.amount),
    currency,
  );
  const amount = addMoney(now, negateMoney(billed));
  return { meterKey: null, source, quantity: ZERO, amount, billed: { quantity: ZERO, amount: billed }, known: null };
}

/** What a period comes to with the late lines that it bills. */
export function totalWithLate(bill: Bill, lateLines: readonly LateLine[]): Money {
  return sumMoney([bill.total, ...lateLines.map((line) => line.amount)], bill.total.currency);
}
