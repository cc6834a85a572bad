import type { Window } from "@meterline/billing-domain";
import type { PeriodLinks, StripeBilling } from "../modules/statements/index.ts";
import {
  customerLinkedAt,
  ratedBy,
  type StripeCustomerLink,
  type StripeLinks,
  type StripeSubscriptionLink,
  stripeLinks,
  subscriptionsOfStripe,
} from "../modules/stripe-catalog/index.ts";
import type { Sql } from "../platform/database/index.ts";

type Period = { customerId: string; subscriptionId: string; window: Window };

/** What of ours is what at Stripe, as the end of a period needs it. */
export const periodLinks: PeriodLinks = {
  async ofSubscription(sql, of) {
    const found = await linkOf(sql, of);
    if (found === null) return null;
    const meters = [...found.links.meters.values()];
    return {
      stripeCustomerId: found.customer.stripeCustomerId,
      stripeSubscriptionId: found.subscription.stripeSubscriptionId,
      customerDeletedAt: found.customer.deletedAt,
      stripeMeters: new Map(
        meters.flatMap((meter): [string, string][] =>
          meter.stripeMeterId === null ? [] : [[meter.meterId, meter.stripeMeterId]],
        ),
      ),
    };
  },
  async ofStripe(sql, stripeSubscriptionId) {
    const rows = await subscriptionsOfStripe(sql, stripeSubscriptionId);
    const [first] = rows;
    if (first === undefined) return null;
    return { customerId: first.customerId, subscriptionIds: rows.map((row) => row.planSubscriptionId) };
  },
};

/** How Stripe bills a period: null where its subscription is not on Stripe, or was not yet when the period began. */
export async function stripeBillingOf(sql: Sql, of: Period): Promise<StripeBilling | null> {
  const found = await linkOf(sql, of);
  if (found === null) return null;
  const { subscription, customer } = found;
  const { stripeSubscriptionId, cancelAt, endedAt } = subscription;
  const { endAt } = of.window;
  // A Stripe subscription that was changed in place goes on under the next of our subscriptions.
  const after = customer.subscriptions.some(
    (one) => one.stripeSubscriptionId === stripeSubscriptionId && one.startsAt >= endAt && one !== subscription,
  );
  const isOver = (cancelAt !== null && cancelAt <= endAt) || (endedAt !== null && endedAt <= endAt);
  return {
    stripeSubscriptionId,
    ratedBy: (meterKey) => ratedBy(subscription, meterKey),
    goesOn: after || !isOver,
  };
}

/**
 * Whether Stripe should bill a period: it does so at the latest from the first period that begins after the customer was
 * linked, whatever kept its subscription from being made.
 */
export async function isStripeExpected(sql: Sql, of: Pick<Period, "customerId" | "window">): Promise<boolean> {
  const linkedAt = await customerLinkedAt(sql, of.customerId);
  return linkedAt !== null && linkedAt <= of.window.startAt;
}

async function linkOf(
  sql: Sql,
  of: Period,
): Promise<{ links: StripeLinks; customer: StripeCustomerLink; subscription: StripeSubscriptionLink } | null> {
  const links = await stripeLinks(sql, [of.customerId]);
  const customer = links.customers.get(of.customerId);
  const subscription = customer?.subscriptions.find((one) => one.planSubscriptionId === of.subscriptionId);
  if (customer === undefined || subscription === undefined) return null;
  if (subscription.startsAt > of.window.startAt) return null;
  return { links, customer, subscription };
}
