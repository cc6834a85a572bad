import type { Money } from "../money.ts";

/**
 * How late usage of closed periods is settled once a customer's plan is over and no open period bills it: what is given
 * back by a credit note of the last invoice, what is owed by an invoice of its own, which Stripe makes without a
 * subscription. Null where it comes to nothing in all, and neither can be made.
 */
export type LateRoute = "CREDIT_NOTE" | "INVOICE";

/** The route of what late lines come to in all. */
export function lateRouteAfterEnd(total: Money): LateRoute | null {
  if (total.amountMinor === 0n) return null;
  return total.amountMinor < 0n ? "CREDIT_NOTE" : "INVOICE";
}
