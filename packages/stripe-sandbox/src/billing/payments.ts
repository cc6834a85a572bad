import type { EpochMs } from "../core/time.ts";
import type { InvoiceRecord } from "../core/records.ts";
import type { World } from "../core/world.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { ApiError } from "../wire/errors.ts";
import { seconds } from "../wire/wire.ts";
import { tell } from "./tell-invoice.ts";
import { renderSubscription } from "./render-subscription.ts";

const DAY_S = 86_400;
/** Stripe's "smart retries" have no fixed times; here every three days, and not for ever. */
const RETRY_S = 3 * DAY_S;
const MAX_ATTEMPTS = 4;
/** An unpaid first invoice ends its subscription: https://docs.stripe.com/billing/subscriptions/overview */
export const INCOMPLETE_MS = 23 * 3_600_000;

/** Whether charging this customer fails: its default payment method is a test card that declines. No method at all pays. */
export function isDeclined(world: World, customer: string): boolean {
  const method = world.state.customers.get(customer)?.wire.invoice_settings.default_payment_method ?? null;
  return typeof method === "string" && world.state.paymentMethods.get(method)?.declines === true;
}

/** What a caller who pays by hand is told. The attempt leaves no trace here, at Stripe it does. */
export function cardDeclined(): ApiError {
  return new ApiError(402, { type: "card_error", code: "card_declined", message: "Your card was declined." });
}

/** An automatic charge that failed: the invoice stays open and is tried again, its subscription waits for the money. */
export function failPayment(world: World, row: InvoiceRecord, at: EpochMs): void {
  const isFirst = row.wire.billing_reason === "subscription_create";
  const attempts = row.wire.attempt_count + 1;
  const next = attempts < MAX_ATTEMPTS && !isFirst ? seconds(at) + RETRY_S : null;
  const wire = { ...row.wire, attempted: true, attempt_count: attempts, next_payment_attempt: next };
  world.state.invoices.patch(row.id, { wire });
  tell(world, row.id, "invoice.payment_failed", at);
  const subscription = row.subscription === null ? undefined : world.state.subscriptions.get(row.subscription);
  if (!isFirst) setStatus(world, row.subscription, { from: ["active"], to: "past_due", at });
  // It is told of as it is once it is made.
  else if (subscription)
    world.state.subscriptions.patch(subscription.id, { wire: { ...subscription.wire, status: "incomplete" } });
}

/** The money came: what waited for it goes on. */
export function paymentArrived(world: World, row: InvoiceRecord, at: EpochMs): void {
  setStatus(world, row.subscription, { from: ["past_due", "incomplete"], to: "active", at });
}

type Status = "active" | "past_due" | "incomplete" | "incomplete_expired";

/** Changes a subscription's status and tells of it, where it has one of the statuses it can come from. */
export function setStatus(
  world: World,
  subscription: string | null,
  change: { from: readonly Status[]; to: Status; at: EpochMs },
): void {
  const row = subscription === null ? undefined : world.state.subscriptions.get(subscription);
  const { from, to, at } = change;
  if (!row || row.wire.status === to || !from.includes(row.wire.status as Status)) return;
  const ended = to === "incomplete_expired" ? { ended_at: seconds(at), canceled_at: seconds(at) } : {};
  world.state.subscriptions.patch(row.id, { wire: { ...row.wire, status: to, ...ended } });
  emitSnapshot(world, "customer.subscription.updated", renderSubscription(world, row.id), at);
}
