import type { Bill } from "../bill.ts";
import { type Decimal, decimal } from "../decimal.ts";
import { addMoney, type Money, negateMoney, roundToMoney, sumMoney } from "../money.ts";
import type { PlanDefinition } from "../plan.ts";
import { prorateAmount } from "../proration.ts";
import type { RatedLine } from "../rating/index.ts";
import { shareOfWindow, type Window } from "../window.ts";
import type { LateLine } from "./late-usage.ts";

/** Who turns a line's quantity into an amount. What Stripe cannot rate, Meterline does and adds as an invoice item. */
export type RatedBy = "STRIPE" | "METERLINE";

/**
 * What a line of a statement is for. BOUND is the bill's minimum or maximum; LATE_BOUND what late usage changed of it;
 * UNCHARGED what of another line Stripe's invoice did not charge (or charged too much), which the open period bills.
 */
export type StatementLineKind = "BASE_FEE" | "USAGE" | "BOUND" | "LATE_USAGE" | "LATE_BOUND" | "UNCHARGED";

/** One line of a statement. */
export type StatementLine = {
  /** Names the line within its statement, the same at every attempt. */
  key: string;
  kind: StatementLineKind;
  label: string;
  meterKey: string | null;
  /** The time that the line is for: of a late line, the period that the usage belongs to. */
  window: Window;
  /** In units of the meter; null where the line has none. */
  quantity: Decimal | null;
  amount: Money;
  ratedBy: RatedBy;
  /** How it was priced; of a late line, how the whole source period is with everything known. */
  rated: RatedLine | null;
  /** Of a late line: what the source period was billed before. */
  billed: { quantity: Decimal; amount: Money } | null;
};

/** A base fee for a stretch of time. */
export type BaseFee = { window: Window; amount: Money };

/**
 * The base fee that is charged ahead for a period, from where it begins to the end of its full period: where it will be
 * cut short is not known yet, or was not when it was charged. What is not used of it is given back at the period's end.
 */
export function baseFeeAhead(plan: PlanDefinition, period: { window: Window; full: Window }): BaseFee {
  const window = { startAt: period.window.startAt, endAt: period.full.endAt };
  const amount = prorateAmount(decimal(plan.baseAmount), shareOfWindow(window, period.full));
  return { window, amount: roundToMoney(amount, plan.currency) };
}

/** What a statement is made from. */
export type StatementContent = {
  /** The billing period that ended; null for the start of a subscription, which only charges a fee ahead. */
  ended: { window: Window; bill: Bill; lateLines: readonly LateLine[] } | null;
  /** What was charged for the ended period's base fee before, ahead of it. */
  feeCharged: Money | null;
  /** The base fee of the period that begins, where it is charged ahead, as Stripe does. */
  feeAhead: BaseFee | null;
  ratedBy: (meterKey: string) => RatedBy;
  /** Late lines that no ended period bills; left out, none. */
  lateLines?: readonly LateLine[];
};

/**
 * The lines that a customer is charged at the end of a billing period: what is still owed of its base fee (all of it
 * where fees are charged in arrears, nothing or a correction where it was charged ahead), its usage, its minimum or
 * maximum, what came late of earlier periods, and the coming period's base fee where that is charged ahead.
 */
export function statementLines(content: StatementContent): StatementLine[] {
  const { ended, feeAhead } = content;
  const none = { meterKey: null, quantity: null, rated: null, billed: null };
  const lines: StatementLine[] = [];
  if (ended !== null) {
    const { bill, window } = ended;
    const owed = content.feeCharged === null ? bill.baseFee : addMoney(bill.baseFee, negateMoney(content.feeCharged));
    if (owed.amountMinor !== 0n) {
      const label = content.feeCharged === null ? "Base fee" : "Base fee, corrected";
      lines.push({ ...none, key: "base-fee", kind: "BASE_FEE", label, window, amount: owed, ratedBy: "STRIPE" });
    }
    lines.push(...bill.lines.map((line) => usageLine(line, window, content.ratedBy(line.meterKey))));
    for (const { label, amount } of bill.adjustments) {
      lines.push({ ...none, key: "bound", kind: "BOUND", label, window, amount, ratedBy: "METERLINE" });
    }
    lines.push(...ended.lateLines.map(lateStatementLine));
  }
  lines.push(...(content.lateLines ?? []).map(lateStatementLine));
  if (feeAhead !== null && feeAhead.amount.amountMinor !== 0n) {
    const { window, amount } = feeAhead;
    const ahead = { key: "base-fee-ahead", kind: "BASE_FEE", label: "Base fee", ratedBy: "STRIPE" } as const;
    lines.push({ ...none, ...ahead, window, amount });
  }
  return lines;
}

/** What the lines come to. */
export function statementTotal(lines: readonly StatementLine[], currency: string): Money {
  return sumMoney(
    lines.map((line) => line.amount),
    currency,
  );
}

function usageLine(line: RatedLine, window: Window, ratedBy: RatedBy): StatementLine {
  const { meterKey, quantity, amount } = line;
  const key = `usage:${meterKey}`;
  return {
    key,
    kind: "USAGE",
    label: meterKey,
    meterKey,
    window,
    quantity,
    amount,
    ratedBy,
    rated: line,
    billed: null,
  };
}

/** Late lines are always Meterline's: Stripe puts usage of a period whose invoice is final on no invoice at all. */
function lateStatementLine(line: LateLine): StatementLine {
  const { meterKey, source, amount, billed } = line;
  const isBound = meterKey === null;
  return {
    key: `late:${meterKey ?? "bound"}:${new Date(source.startAt).toISOString()}`,
    kind: isBound ? "LATE_BOUND" : "LATE_USAGE",
    label: isBound ? "Minimum or maximum, after late usage" : meterKey,
    meterKey,
    window: source,
    quantity: isBound ? null : line.quantity,
    amount,
    ratedBy: "METERLINE",
    rated: line.known,
    billed,
  };
}
