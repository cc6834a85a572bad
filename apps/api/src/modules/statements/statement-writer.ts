import { randomUUID } from "node:crypto";
import {
  baseFeeAhead,
  customerPeriodAt,
  type PriceModelName,
  type RatedBy,
  type StatementLine,
  statementLines,
  statementTotal,
  type Window,
} from "@meterline/billing-domain";
import type { Transaction } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import type { BillingProfile } from "../catalog/index.ts";
import type { FrozenNow } from "../rating/index.ts";
import { feeChargedFor, insertStatement, type StoredStatementLine } from "./statement.repository.ts";

/** How a billing period is charged through Stripe. */
export type StripeBilling = {
  ratedBy: (meterKey: string) => RatedBy;
  /** Whether Stripe goes on to bill the period that follows, and so charges its base fee ahead. */
  goesOn: boolean;
};

/** Answers how Stripe bills a period; null where it does not. In the transaction that freezes the period. */
export type StripeBillingOf = (
  transaction: Transaction,
  of: { customerId: string; subscriptionId: string; window: Window },
) => Promise<StripeBilling | null>;

/**
 * Writes the statement of a period together with its freeze. Without Stripe it is FINAL at once, and the base fee is
 * charged in arrears; with Stripe it is PREPARING until the invoice says the same, and charges the coming fee ahead.
 */
export async function writeStatement(
  transaction: Transaction,
  frozen: FrozenNow,
  stripeBillingOf: StripeBillingOf,
): Promise<void> {
  const { profile, period, bill, lateLines, frozenAt } = frozen;
  const { customerId } = profile;
  const { window, term } = period;
  const { currency } = bill.total;
  const stripe = await stripeBillingOf(transaction, { customerId, subscriptionId: term.id, window });
  const next = customerPeriodAt(profile.subscriptions, window.endAt);
  const lines = statementLines({
    ended: { window, bill, lateLines },
    feeCharged: await feeChargedFor(transaction, { customerId, startAt: window.startAt, currency }),
    feeAhead: stripe?.goesOn && next.term !== null ? baseFeeAhead(next.term.plan, next) : null,
    ratedBy: stripe?.ratedBy ?? (() => "METERLINE"),
  });
  const isNew = await insertStatement(transaction, {
    customerId,
    id: randomUUID(),
    kind: "PERIOD_END",
    window,
    subscriptionId: term.id,
    total: statementTotal(lines, currency),
    state: stripe === null ? "FINAL" : "PREPARING",
    issuedAt: frozenAt,
    lines: lines.map((line) => withModel(line, profile)),
  });
  invariant(isNew, `customer ${customerId} has no statement of a period that is only now frozen`);
}

/** Adds how the plan of the line's own period prices the meter, for the words on screen. */
export function withModel(line: StatementLine, profile: BillingProfile): StoredStatementLine {
  return { ...line, model: line.meterKey === null ? null : modelOf(line.meterKey, line.window, profile) };
}

function modelOf(meterKey: string, window: Window, profile: BillingProfile): PriceModelName | null {
  const { term } = customerPeriodAt(profile.subscriptions, window.startAt);
  return term?.plan.rateCards.find((card) => card.meterKey === meterKey)?.model ?? null;
}
