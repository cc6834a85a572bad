import { type BillingCycle, billingPeriodAt, type EpochMs, stripePriceOf } from "@meterline/billing-domain";
import type { Stripe, StripeGateway } from "../../platform/stripe/index.ts";
import type { SubscriptionRow } from "../catalog/index.ts";
import { pricesInForce, stripeLinks } from "../stripe-catalog/index.ts";
import { adoptLegacySubscription, isLegacy, legacyPricesOf } from "./legacy-subscription.ts";
import type { Making, MakingParts } from "./making.types.ts";
import { NotReady } from "./not-ready.ts";
import { writeSubscriptionLink } from "./stripe-customer.repository.ts";
import { makingKey } from "./stripe-customer-making.ts";
import { viewOfSubscription } from "./stripe-subscription-view.ts";

/** In the metadata of a subscription: which of ours it bills. */
export const subscriptionMetadataKey = "meterline_subscription";

/** An invoice is due so many days later where Stripe has nothing to charge. */
const daysUntilDue = 30;
const mostSubscriptions = 100;
const secondMs = 1_000;

/**
 * Begins a hybrid subscription: the licensed base fee and the metered items that Stripe rates, in flexible mode, at the
 * exact start of a billing period of ours. One that is there for the same purpose is taken over instead.
 */
export async function beginSubscription(making: Making, parts: MakingParts): Promise<string> {
  const { own, startAt } = making;
  const prices = await requirePrices(own, parts);
  const existing = await existingSubscription(parts, making, prices);
  if (existing !== null && isLegacy(existing) && existing.metadata[subscriptionMetadataKey] === undefined) {
    await adoptLegacySubscription(existing, making, parts);
    return existing.id;
  }
  const stripe = existing ?? (await createSubscription(making, parts, prices));
  const view = await viewOfSubscription(parts.database, stripe);
  await writeSubscriptionLink(parts.database, {
    customerId: own.customerId,
    planSubscriptionId: own.id,
    stripeSubscriptionId: stripe.id,
    startsAt: startAt,
    ...view,
    now: parts.now,
  });
  return stripe.id;
}

/** Makes it; with the prices from before Billing Meters, and the API of then, where a move was rolled back to them. */
async function createSubscription(
  { own, stripeCustomerId, startAt, attempt }: Making,
  { gateway, database, records, now }: MakingParts,
  prices: readonly string[],
): Promise<Stripe.Subscription> {
  const isBackdated = startAt < now;
  const { customerId } = own;
  const byRecords = await records.isBilled(database, { customerId, ...billingPeriodAt(own.cycle, startAt) });
  const legacy = byRecords ? await legacyPricesOf(database, own) : null;
  const params: Stripe.SubscriptionCreateParams = {
    customer: stripeCustomerId,
    items: (legacy ?? prices).map((price) => ({ price })),
    ...(legacy === null ? { billing_mode: { type: "flexible" } } : {}),
    ...(isBackdated ? { backdate_start_date: startAt / secondMs } : {}),
    ...anchorOf(own.cycle, startAt),
    ...(await collectionOf(gateway, stripeCustomerId)),
    metadata: { [subscriptionMetadataKey]: own.id, meterline_customer: customerId },
  };
  const idempotencyKey = makingKey(`subscription-${own.id}${isBackdated ? "-backdated" : ""}`, attempt);
  if (legacy === null) return gateway.stripe.subscriptions.create(params, { idempotencyKey });
  return gateway.legacy<Stripe.Subscription>(
    "POST",
    "/v1/subscriptions",
    params as Record<string, unknown>,
    idempotencyKey,
  );
}

/** The prices of the plan, the base fee first. Every card that Stripe rates must have one, or its usage would be billed twice over. */
async function requirePrices(own: SubscriptionRow, { database, meters }: MakingParts): Promise<string[]> {
  const inForce = await pricesInForce(database, own.planVersionId);
  const known = await meters.find(own.plan.rateCards.map((card) => card.meterKey));
  const wanted: (string | null)[] = [null];
  for (const card of own.plan.rateCards) {
    const transport = known.get(card.meterKey)?.definition.stripeTransport ?? "NONE";
    const isReported = transport !== "NONE" && transport !== "USAGE_RECORDS";
    if (isReported && stripePriceOf(card, own.plan.currency).ratedBy === "STRIPE") wanted.push(card.meterKey);
  }
  const missing = wanted.filter((key) => !inForce.some((price) => price.meterKey === key && price.active));
  if (missing.length > 0) {
    const names = missing.map((key) => key ?? "the base fee").join(", ");
    throw new NotReady(
      `The plan ${own.plan.key}, version ${own.planVersion}, has no active price at Stripe for ${names}. ` +
        "Apply the catalog: npm run catalog -- stripe apply",
    );
  }
  return inForce.filter((price) => wanted.includes(price.meterKey)).map((price) => price.stripePriceId);
}

/**
 * A subscription of the customer that does what is wanted: one that we made and lost the answer of, or one that the
 * account had with these very prices. Its period must be ours.
 */
async function existingSubscription(
  { gateway, database }: MakingParts,
  { own, stripeCustomerId, startAt }: Making,
  prices: readonly string[],
): Promise<Stripe.Subscription | null> {
  const found = await gateway.stripe.subscriptions.list({ customer: stripeCustomerId, limit: mostSubscriptions });
  const known = found.data.find((one) => one.metadata[subscriptionMetadataKey] === own.id);
  if (known !== undefined) return known;
  // One that bills another of ours is about to end where this one begins, and may not have ended yet.
  const links = (await stripeLinks(database, [own.customerId])).customers.get(own.customerId);
  const taken = new Set(links?.subscriptions.map((link) => link.stripeSubscriptionId));
  const data = found.data.filter((one) => !taken.has(one.id));
  const legacy = data.filter((one) => isLegacy(one) && one.metadata["meterline_customer"] === undefined);
  if (legacy.length > 1) {
    const ids = legacy.map((one) => one.id).join(", ");
    throw new NotReady(
      `The customer has more than one subscription billed by usage records (${ids}): end all but one.`,
    );
  }
  if (legacy[0] !== undefined) return legacy[0];
  const wanted = new Set(prices);
  const same = data.find((one) => {
    const ids = one.items.data.map((item) => item.price.id);
    return ids.length === wanted.size && ids.every((id) => wanted.has(id));
  });
  if (same === undefined) return null;
  const endsAt = (same.items.data[0]?.current_period_end ?? 0) * secondMs;
  const ours = billingPeriodAt(own.cycle, startAt).endAt;
  if (endsAt === ours) return same;
  throw new NotReady(
    `The customer has the subscription ${same.id} with the prices of ${own.plan.key} already, and its billing period ends ` +
      `at ${iso(endsAt)} instead of ${iso(ours)}. Give ours the same anchor, or end one of the two.`,
  );
}

/** Renews where our cycle does. A month returns to its 29th, 30th and 31st only by the configuration of its day. */
function anchorOf(cycle: BillingCycle, startAt: EpochMs): Partial<Stripe.SubscriptionCreateParams> {
  const anchor = new Date(cycle.anchorAt);
  const day = anchor.getUTCDate();
  if (cycle.interval === "MONTH" && cycle.intervalCount === 1) {
    return {
      billing_cycle_anchor_config: {
        day_of_month: day,
        hour: anchor.getUTCHours(),
        minute: anchor.getUTCMinutes(),
        second: 0,
      },
    };
  }
  const { endAt } = billingPeriodAt(cycle, startAt);
  const isClamped = cycle.interval !== "DAY" && cycle.interval !== "WEEK" && new Date(endAt).getUTCDate() !== day;
  if (isClamped)
    throw new NotReady(
      `The billing period ends on a day that the month of ${iso(endAt)} cut short; Stripe would keep to that day. ` +
        "Give the subscription an anchor on the 28th or before.",
    );
  return { billing_cycle_anchor: endAt / secondMs };
}

/** Charges what is on file, and sends an invoice where nothing is: an unpaid first invoice would end the subscription. */
async function collectionOf(
  { stripe }: StripeGateway,
  stripeCustomerId: string,
): Promise<Partial<Stripe.SubscriptionCreateParams>> {
  const customer = await stripe.customers.retrieve(stripeCustomerId);
  if (customer.deleted === true) throw new NotReady(`The customer ${stripeCustomerId} was deleted at Stripe.`);
  const hasMethod = (customer.invoice_settings.default_payment_method ?? customer.default_source) !== null;
  if (hasMethod) return { collection_method: "charge_automatically" };
  return { collection_method: "send_invoice", days_until_due: daysUntilDue };
}

const iso = (at: EpochMs): string => new Date(at).toISOString();
