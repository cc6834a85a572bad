import type Stripe from "stripe";
import type { CreditGrantRecord } from "../core/records.ts";
import type { EpochMs } from "../core/time.ts";
import { newId, type World } from "../core/world.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { seconds, type Wire } from "../wire/wire.ts";

type Transaction = Wire<Stripe.Billing.CreditBalanceTransaction>;

/** Why a grant's balance changed. */
export type CreditMovement =
  | { type: "credits_granted" | "credits_expired" | "credits_voided" }
  | { type: "credits_applied" | "credits_application_invoice_voided"; invoice: string; line: string };

/** Writes one entry of the ledger and moves what the grant has left. `amountMinor` is positive both ways. */
export function moveCredit(
  world: World,
  grant: CreditGrantRecord,
  movement: CreditMovement,
  of: { amountMinor: number; at: EpochMs },
): Transaction {
  const isCredit = isCreditMovement(movement.type);
  const amount = monetary(grant, of.amountMinor);
  const place = "invoice" in movement ? { invoice: movement.invoice, invoice_line_item: movement.line } : null;
  const wire: Transaction = {
    id: newId(world, "cbtxn"),
    object: "billing.credit_balance_transaction",
    created: seconds(of.at),
    credit: isCreditMovement(movement.type)
      ? { amount, credits_application_invoice_voided: place, type: movement.type }
      : null,
    credit_grant: grant.id,
    debit: isCreditMovement(movement.type) ? null : { amount, credits_applied: place, type: movement.type },
    effective_at: isCredit ? (grant.wire.effective_at ?? seconds(of.at)) : seconds(of.at),
    livemode: false,
    test_clock: grant.wire.test_clock,
    type: isCredit ? "credit" : "debit",
  };
  const invoice = place?.invoice ?? null;
  world.state.creditTransactions.put({ id: wire.id, customer: grant.customer, grant: grant.id, invoice, wire });
  // A grant is made with its full value already; its first entry only tells of it.
  const change = movement.type === "credits_granted" ? 0 : isCredit ? of.amountMinor : -of.amountMinor;
  const left = (world.state.creditGrants.get(grant.id)?.leftMinor ?? grant.leftMinor) + change;
  world.state.creditGrants.patch(grant.id, { leftMinor: left });
  emitSnapshot(world, "billing.credit_balance_transaction.created", wire, of.at);
  return wire;
}

type CreditType = "credits_granted" | "credits_application_invoice_voided";

function isCreditMovement(type: CreditMovement["type"]): type is CreditType {
  return type === "credits_granted" || type === "credits_application_invoice_voided";
}

/** An amount in a grant's currency, as credits are sent. */
export function monetary(grant: CreditGrantRecord, value: number): Wire<Stripe.Billing.CreditGrant["amount"]> {
  return { monetary: { currency: grant.wire.amount.monetary?.currency ?? "usd", value }, type: "monetary" };
}

/** Whether a grant can pay at an instant. */
export function isUsable(grant: CreditGrantRecord, at: EpochMs): boolean {
  const { effective_at: from, expires_at: until, voided_at: voided } = grant.wire;
  if (voided !== null || grant.leftMinor === 0) return false;
  return (from === null || from * 1000 <= at) && (until === null || until * 1000 > at);
}

/** Whether a grant pays for metered lines of this price. */
export function covers(grant: CreditGrantRecord, price: string): boolean {
  const { prices } = grant.wire.applicability_config.scope;
  return prices === undefined || prices.some((one) => one.id === price);
}

/**
 * Which grant pays first: priority, then the earlier expiry, promotional before paid, then the earlier effective and
 * created: https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits
 */
export function byPrecedence(left: CreditGrantRecord, right: CreditGrantRecord): number {
  const rank = ({ wire }: CreditGrantRecord) => [
    wire.priority ?? 50,
    wire.expires_at ?? Number.MAX_SAFE_INTEGER,
    wire.category === "promotional" ? 0 : 1,
    wire.effective_at ?? 0,
    wire.created,
  ];
  const others = rank(right);
  for (const [index, value] of rank(left).entries()) {
    const difference = value - (others[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
