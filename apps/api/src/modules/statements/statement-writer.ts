import { randomUUID } from "node:crypto";
import {
  baseFeeAhead,
  customerPeriodAt,
  type EpochMs,
  type PlanPeriod,
  type PriceModelName,
  type RatedBy,
  type StatementLine,
  statementLines,
  statementTotal,
  type Window,
} from "@meterline/billing-domain";
import type { Transaction } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import type { BillingProfile, SubscriptionRow } from "../catalog/index.ts";
import type { FrozenNow } from "../rating/index.ts";
import type { NewClosing } from "./period-closing.repository.ts";
import { feeChargedFor, insertStatement } from "./statement.repository.ts";
import { type StoredStatementLine } from "./statement-line.repository.ts";

/** How a billing period is charged through Stripe. */
export type StripeBilling = {
  stripeSubscriptionId: string;
  ratedBy: (meterKey: string) => RatedBy;
  /** Whether Stripe goes on to bill the period that follows, and so charges its base fee ahead. */
  goesOn: boolean;
};

/** What statements need of Stripe's parts, in the transaction that freezes a period. */
export type StripeSide = {
  /** How Stripe bills a period; null where it does not. */
  billingOf(
    transaction: Transaction,
    of: { customerId: string; subscriptionId: string; window: Window },
  ): Promise<StripeBilling | null>;
  /** Whether Stripe should bill a period: the customer was linked to it when the period began. */
  isExpected(transaction: Transaction, of: { customerId: string; window: Window }): Promise<boolean>;
  /** Has the period's end worked with Stripe. */
  begin(transaction: Transaction, closing: NewClosing): Promise<unknown>;
};

/**
 * Writes the statement of a period together with its freeze. Without Stripe it is FINAL at once, and the base fee is
 * charged in arrears; with Stripe it is PREPARING until the invoice says the same, and charges the coming fee ahead.
 * Where Stripe should bill and cannot, as when its subscription could not be made in time, a person has to.
 */
export async function writeStatement(transaction: Transaction, frozen: FrozenNow, side: StripeSide): Promise<void> {
  const { profile, period, bill, lateLines, frozenAt } = frozen;
  const { customerId } = profile;
  const { window, term } = period;
  const { currency } = bill.total;
  const of = { customerId, subscriptionId: term.id, window };
  const stripe = await side.billingOf(transaction, of);
  const isBilled = stripe !== null || (await side.isExpected(transaction, of));
  const next = customerPeriodAt(profile.subscriptions, window.endAt);
  const charged = await feeChargedFor(transaction, { customerId, window, currency });
  // Stripe charges fees ahead. One that no statement of ours charged was on an invoice from before the adoption.
  const chargedBefore = stripe === null ? null : baseFeeAhead(term.plan, period).amount;
  const lines = statementLines({
    ended: { window, bill, lateLines },
    feeCharged: charged ?? chargedBefore,
    feeAhead: stripe?.goesOn && next.term !== null ? baseFeeAhead(next.term.plan, next) : null,
    ratedBy: stripe?.ratedBy ?? (() => "METERLINE"),
  });
  const isNew = await insertStatement(transaction, {
    ...of,
    id: randomUUID(),
    kind: "PERIOD_END",
    total: statementTotal(lines, currency),
    state: isBilled ? "PREPARING" : "FINAL",
    issuedAt: frozenAt,
    lines: lines.map((line) => withModel(line, profile)),
  });
  invariant(isNew, `customer ${customerId} has no statement of a period that is only now frozen`);
  if (!isBilled) return;
  const stripeSubscriptionId = stripe?.stripeSubscriptionId ?? null;
  await side.begin(transaction, { ...of, kind: "PERIOD_END", stripeSubscriptionId, stripeInvoiceId: null });
}

/** Writes the statement of a subscription that starts on Stripe: its first base fee, charged ahead. Once. */
export async function writeStartStatement(
  transaction: Transaction,
  of: { profile: BillingProfile; period: PlanPeriod<SubscriptionRow>; now: EpochMs },
): Promise<void> {
  const { profile, period } = of;
  const lines = statementLines({
    ended: null,
    feeCharged: null,
    feeAhead: baseFeeAhead(period.term.plan, period),
    ratedBy: () => "STRIPE",
  });
  await insertStatement(transaction, {
    customerId: profile.customerId,
    id: randomUUID(),
    kind: "START",
    window: period.window,
    subscriptionId: period.term.id,
    total: statementTotal(lines, period.term.plan.currency),
    state: "PREPARING",
    issuedAt: of.now,
    lines: lines.map((line) => withModel(line, profile)),
  });
}

/** Adds how the plan of the line's own period prices the meter, for the words on screen. */
export function withModel(line: StatementLine, profile: BillingProfile): StoredStatementLine {
  return { ...line, model: line.meterKey === null ? null : modelOf(line.meterKey, line.window, profile) };
}

function modelOf(meterKey: string, window: Window, profile: BillingProfile): PriceModelName | null {
  const { term } = customerPeriodAt(profile.subscriptions, window.startAt);
  return term?.plan.rateCards.find((card) => card.meterKey === meterKey)?.model ?? null;
}
