import type { Stripe, StripeGateway } from "../../platform/stripe/index.ts";
import type { OurMeter, OurPlanVersion, TheirCatalog } from "./stripe-changes.ts";
import { lookupKeyOf, meterProductId, planProductId } from "./stripe-price-content.ts";

/** Stripe takes so many lookup keys at a time, and answers so many objects a page. */
const keysAtOnce = 10;
const pageSize = 100;
/** More meters than this make reading the account fail, loudly: what is past it would be made a second time. */
const mostMeters = 10_000;

/** Reads what the account holds under our names. One GET for 100 meters or products and for 10 prices. */
export async function readTheirCatalog(
  { stripe }: StripeGateway,
  ours: { meters: readonly OurMeter[]; plans: readonly OurPlanVersion[] },
): Promise<TheirCatalog> {
  const productIds = new Set(ours.plans.map((plan) => planProductId(plan.definition.key)));
  for (const { definition } of ours.plans)
    for (const card of definition.rateCards) productIds.add(meterProductId(card.meterKey));
  const lookupKeys = ours.plans.flatMap(({ definition, version }) => [
    lookupKeyOf(definition.key, version, null),
    ...definition.rateCards.map((card) => lookupKeyOf(definition.key, version, card.meterKey)),
  ]);
  return {
    meters: await readMeters(stripe),
    products: await readProducts(stripe, [...productIds]),
    prices: await readPrices(stripe, lookupKeys),
  };
}

async function readMeters(stripe: Stripe): Promise<Stripe.Billing.Meter[]> {
  const meters: Stripe.Billing.Meter[] = [];
  for await (const meter of stripe.billing.meters.list({ limit: pageSize })) {
    if (meters.length === mostMeters) throw new Error(`The account has more than ${mostMeters} meters.`);
    meters.push(meter);
  }
  return meters;
}

async function readProducts(stripe: Stripe, ids: readonly string[]): Promise<Map<string, Stripe.Product>> {
  const products = new Map<string, Stripe.Product>();
  for (const some of inParts(ids, pageSize)) {
    const page = await stripe.products.list({ ids: some, limit: pageSize });
    for (const product of page.data) products.set(product.id, product);
  }
  return products;
}

async function readPrices(stripe: Stripe, lookupKeys: readonly string[]): Promise<Map<string, Stripe.Price>> {
  const prices = new Map<string, Stripe.Price>();
  for (const some of inParts(lookupKeys, keysAtOnce)) {
    const page = await stripe.prices.list({ lookup_keys: some, limit: pageSize, expand: ["data.tiers"] });
    for (const price of page.data) if (price.lookup_key !== null) prices.set(price.lookup_key, price);
  }
  return prices;
}

function inParts<Item>(items: readonly Item[], size: number): Item[][] {
  const parts: Item[][] = [];
  for (let from = 0; from < items.length; from += size) parts.push(items.slice(from, from + size));
  return parts;
}
