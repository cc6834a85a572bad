import { endsPeriod } from "@meterline/billing-domain";
import type { EndGuard } from "../catalog/index.ts";

/**
 * A subscription that Stripe bills ends where a billing period does, and ahead: at any other instant Stripe would bill
 * another part of the period than we do, and forget usage that it was told.
 */
export const stripeEndGuard: EndGuard = async (sql, ending, endsAt, now) => {
  const [billed] = await sql.query(
    "SELECT FROM stripe_subscription WHERE customer_id = $1 AND plan_subscription_id = $2 AND ended_at IS NULL",
    [ending.customerId, ending.id],
  );
  if (billed === undefined) return null;
  if (endsAt <= now) return "Stripe bills this subscription, so its end must lie ahead.";
  if (endsPeriod(ending.cycle, endsAt)) return null;
  return "Stripe bills this subscription, so it ends with a billing period: choose the end of one.";
};
