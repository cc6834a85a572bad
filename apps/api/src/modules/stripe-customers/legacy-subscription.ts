import { billingPeriodAt, type EpochMs, stripeBaseAmountOf, stripePriceOf } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { Stripe, StripeGateway } from "../../platform/stripe/index.ts";
import type { SubscriptionRow } from "../catalog/index.ts";
import { contentOfStripePrice, type StripeItemLink, stripeLinks } from "../stripe-catalog/index.ts";
import { type BillableCard, type LegacyItem, matchLegacyItems } from "./legacy-items.ts";
import type { Making, MakingParts } from "./making.types.ts";
import { NotReady } from "./not-ready.ts";
import { keepLegacyPrices, writeSubscriptionLink } from "./stripe-customer.repository.ts";

type LegacyPrice = Stripe.Price & { recurring: { aggregate_usage?: string | null } | null };
type Summaries = { data: { total_usage: number; period: { end: number | null } }[] };

/** Whether a subscription has metered items without a Billing Meter, as those from before `2025-03-31.basil`. */
export function isLegacy(subscription: Stripe.Subscription): boolean {
  return subscription.items.data.some(({ price }) => isMetered(price) && (price.recurring?.meter ?? null) === null);
}

/**
 * Has a subscription that the account bills by usage records bill ours from the running period on, and that customer told by
 * records. Nothing is changed at Stripe. @throws NotReady with what does not fit
 */
export async function adoptLegacySubscription(
  stripe: Stripe.Subscription,
  { own, startAt }: Making,
  { gateway, database, meters, records, now }: MakingParts,
): Promise<void> {
  const refuse = (reason: string) =>
    new NotReady(`The customer has the subscription ${stripe.id}, billed by usage records, and ${reason}.`);
  const known = await meters.find(own.plan.rateCards.map((card) => card.meterKey));
  const nameOf = (key: string) => known.get(key)?.definition.name ?? key;
  const items = await Promise.all(stripe.items.data.map((item) => legacyItemOf(gateway, item)));
  const match = matchLegacyItems(items, cardsOf(own, nameOf));
  if (!match.ok) throw refuse(match.reason);
  const endsAt = (stripe.items.data[0]?.current_period_end ?? 0) * 1_000;
  const ours = billingPeriodAt(own.cycle, startAt).endAt;
  if (endsAt !== ours)
    throw refuse(`its billing period ends at ${iso(endsAt)} instead of ${iso(ours)}: give ours the same anchor`);
  for (const item of match.items) {
    const told = item.meterKey === null ? 0 : await toldThisPeriod(gateway, item.itemId, endsAt);
    // Records add up whoever writes them: ours on top of theirs would be billed twice.
    if (told !== 0)
      throw refuse(
        `${told} units of ${item.meterKey} were told in the running period. Stop what tells them, and try again after ${iso(endsAt)}`,
      );
  }
  await database.transaction(async (transaction) => {
    const taken = await keepLegacyPrices(transaction, {
      planVersionId: own.planVersionId,
      prices: match.items.map((item) => priceRowOf(item, stripe)),
      now,
    });
    if (taken !== null) throw refuse(`its price ${taken} stands for another plan or meter of ours`);
    await writeSubscriptionLink(transaction, {
      customerId: own.customerId,
      planSubscriptionId: own.id,
      stripeSubscriptionId: stripe.id,
      status: stripe.status,
      startsAt: startAt,
      cancelAt: stripe.cancel_at === null ? null : stripe.cancel_at * 1_000,
      endedAt: null,
      items: match.items,
      now,
    });
    await records.begin(transaction, { customerId: own.customerId, startAt, now });
  });
}

/** The prices that billed this customer by usage records on this plan before; null where there are none. */
export async function legacyPricesOf(sql: Sql, own: SubscriptionRow): Promise<string[] | null> {
  const links = (await stripeLinks(sql, [own.customerId])).customers.get(own.customerId)?.subscriptions ?? [];
  const used = [...new Set(links.flatMap((link) => link.items.map((item) => item.priceId)))];
  const rows = await sql.query<{ id: string }>(
    `SELECT stripe_price_id AS id FROM stripe_price WHERE stripe_price_id = ANY ($1) AND plan_version_id = $2
       AND content ->> 'billedBy' = 'USAGE_RECORDS' ORDER BY meter_id NULLS FIRST`,
    [used, own.planVersionId],
  );
  return rows.length === 0 ? null : rows.map((row) => row.id);
}

function priceRowOf(item: StripeItemLink, stripe: Stripe.Subscription) {
  const price = stripe.items.data.find((one) => one.id === item.itemId)?.price;
  const productId = typeof price?.product === "string" ? price.product : (price?.product.id ?? "");
  return { priceId: item.priceId, meterKey: item.meterKey, productId, lookupKey: price?.lookup_key ?? "" };
}

function cardsOf({ plan }: SubscriptionRow, nameOf: (key: string) => string): BillableCard[] {
  const base = stripeBaseAmountOf(plan);
  return [
    {
      meterKey: null,
      name: plan.name,
      charges: base === null ? null : chargesText({ scheme: "PER_UNIT", unitAmount: String(base) }),
    },
    ...plan.rateCards.map((card): BillableCard => {
      const answer = stripePriceOf(card, plan.currency);
      const charges = answer.ratedBy === "STRIPE" ? chargesText(answer.price) : null;
      return { meterKey: card.meterKey, name: nameOf(card.meterKey), charges };
    }),
  ];
}

const chargesText = (price: unknown): string => JSON.stringify(price);

async function legacyItemOf(gateway: StripeGateway, item: Stripe.SubscriptionItem): Promise<LegacyItem> {
  const price = await gateway.legacy<LegacyPrice>("GET", `/v1/prices/${item.price.id}?expand[]=tiers`);
  const productId = typeof price.product === "string" ? price.product : price.product.id;
  const product = await gateway.stripe.products.retrieve(productId);
  const content = contentOfStripePrice(price);
  return {
    itemId: item.id,
    priceId: price.id,
    isMetered: isMetered(price),
    meterId: price.recurring?.meter ?? null,
    lookupKey: price.lookup_key,
    metadata: { ...price.metadata, ...item.metadata },
    productName: product.name,
    charges: content === null ? null : chargesText(content.price),
    aggregate: price.recurring?.aggregate_usage ?? null,
  };
}

async function toldThisPeriod(gateway: StripeGateway, itemId: string, endsAt: EpochMs): Promise<number> {
  const path = `/v1/subscription_items/${itemId}/usage_record_summaries?limit=100`;
  const { data } = await gateway.legacy<Summaries>("GET", path);
  return data.find(({ period }) => period.end === null || period.end * 1_000 === endsAt)?.total_usage ?? 0;
}

const isMetered = (price: Stripe.Price): boolean => price.recurring?.usage_type === "metered";
const iso = (at: EpochMs): string => new Date(at).toISOString();
