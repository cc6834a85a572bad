import {
  type BillingInterval,
  formatDecimal,
  decimal,
  type PlanDefinition,
  type RateCard,
  stripeBaseAmountOf,
  type StripePrice,
  stripePriceOf,
} from "@meterline/billing-domain";
import type { Stripe } from "../../platform/stripe/index.ts";

/**
 * What a price charges, in one form for ours and Stripe's, so that the two can be compared and kept. Whatever is not in it
 * (name, metadata) may differ.
 */
export type PriceContent = {
  currency: string;
  productId: string;
  /** As Stripe names it; there may be names that we do not know. */
  interval: string;
  intervalCount: number;
  /** The Stripe meter whose usage is billed; null for the base fee. */
  meterId: string | null;
  price: StripePrice;
};

/** A price that a plan version needs, or why Stripe can have none. */
export type WantedPrice =
  | { kind: "PRICE"; content: PriceContent }
  /** Meterline rates the line. */
  | { kind: "NONE"; reason: string }
  /** The plan cannot be billed through Stripe at all. */
  | { kind: "REFUSED"; reason: string };

type StripeInterval = "day" | "week" | "month" | "year";

/** Stripe counts quarters in months. */
const intervals: Record<BillingInterval, { interval: StripeInterval; count: number }> = {
  DAY: { interval: "day", count: 1 },
  WEEK: { interval: "week", count: 1 },
  MONTH: { interval: "month", count: 1 },
  QUARTER: { interval: "month", count: 3 },
  YEAR: { interval: "year", count: 1 },
};

/** The interval of a plan as Stripe counts it. */
export function stripeIntervalOf(plan: Pick<PlanDefinition, "interval" | "intervalCount">) {
  const { interval, count } = intervals[plan.interval];
  return { interval, intervalCount: count * plan.intervalCount };
}

/** The product of a plan's base fee. */
export const planProductId = (planKey: string): string => `meterline_plan_${planKey}`;
/** The product of a meter's usage, whatever the plan: invoices name it. */
export const meterProductId = (meterKey: string): string => `meterline_meter_${meterKey}`;

/** Finds a price again, also in an account that we see for the first time. Stripe allows 200 characters. */
export function lookupKeyOf(planKey: string, version: number, meterKey: string | null): string {
  return `meterline.${planKey}.v${version}.${meterKey ?? "base"}`.slice(0, 200);
}

/** The licensed price of the base fee; of nothing too, since it is what makes an invoice every period. */
export function basePriceOf(plan: PlanDefinition): WantedPrice {
  const amount = stripeBaseAmountOf(plan);
  if (amount === null)
    return { kind: "REFUSED", reason: `the base fee ${plan.baseAmount} ${plan.currency} is finer than can be charged` };
  const price: StripePrice = { scheme: "PER_UNIT", unitAmount: String(amount) };
  return { kind: "PRICE", content: { ...termsOf(plan), productId: planProductId(plan.key), meterId: null, price } };
}

/** The metered price of a rate card, on the meter that its usage is reported to. */
export function meteredPriceOf(plan: PlanDefinition, card: RateCard, stripeMeterId: string | null): WantedPrice {
  const answer = stripePriceOf(card, plan.currency);
  if (answer.ratedBy === "METERLINE") return { kind: "NONE", reason: answer.reason };
  if (stripeMeterId === null) return { kind: "NONE", reason: "the meter's usage is not reported to a Stripe meter" };
  const productId = meterProductId(card.meterKey);
  return { kind: "PRICE", content: { ...termsOf(plan), productId, meterId: stripeMeterId, price: answer.price } };
}

function termsOf(plan: PlanDefinition) {
  return { currency: plan.currency.toLowerCase(), ...stripeIntervalOf(plan) };
}

/** The parameters that make a price of this content. */
export function priceParams(content: PriceContent): Stripe.PriceCreateParams {
  const { currency, productId, interval, intervalCount, meterId, price } = content;
  const usage = meterId === null ? {} : { usage_type: "metered" as const, meter: meterId };
  return {
    currency,
    product: productId,
    recurring: { interval: interval as StripeInterval, interval_count: intervalCount, ...usage },
    ...amountsOf(price),
  };
}

function amountsOf(price: StripePrice): Partial<Stripe.PriceCreateParams> {
  // The SDK's decimals go on the wire as the text that they are made from.
  const exact = (text: string) => text as unknown as Stripe.Decimal;
  if (price.scheme === "PER_UNIT") return { unit_amount_decimal: exact(price.unitAmount) };
  if (price.scheme === "PACKAGE") {
    const transform = { divide_by: price.divideBy, round: price.round };
    return { unit_amount_decimal: exact(price.unitAmount), transform_quantity: transform };
  }
  return {
    billing_scheme: "tiered",
    tiers_mode: price.scheme === "VOLUME" ? "volume" : "graduated",
    tiers: price.tiers.map(({ upTo, unitAmount, flatAmount }) => ({
      up_to: upTo ?? ("inf" as const),
      unit_amount_decimal: exact(unitAmount),
      ...(flatAmount === null ? {} : { flat_amount_decimal: exact(flatAmount) }),
    })),
  };
}

/** What a price at Stripe charges; null for one of a kind that we never make. It must come with its tiers expanded. */
export function contentOfStripePrice(price: Stripe.Price): PriceContent | null {
  const { recurring } = price;
  const terms = termsOfStripePrice(price);
  if (recurring === null || terms === null || price.custom_unit_amount !== null) return null;
  return {
    currency: price.currency,
    productId: typeof price.product === "string" ? price.product : price.product.id,
    interval: recurring.interval,
    intervalCount: recurring.interval_count,
    meterId: recurring.usage_type === "metered" ? recurring.meter : null,
    price: terms,
  };
}

function termsOfStripePrice(price: Stripe.Price): StripePrice | null {
  if (price.billing_scheme === "tiered") {
    if (price.tiers === undefined || price.tiers_mode === null) return null;
    const scheme = price.tiers_mode === "volume" ? "VOLUME" : "GRADUATED";
    const tiers = price.tiers.map((tier) => ({
      upTo: tier.up_to,
      unitAmount: textOf(tier.unit_amount_decimal, tier.unit_amount) ?? "0",
      flatAmount: nothingIsNull(textOf(tier.flat_amount_decimal, tier.flat_amount)),
    }));
    return { scheme, tiers };
  }
  const unitAmount = textOf(price.unit_amount_decimal, price.unit_amount);
  if (unitAmount === null) return null;
  const transform = price.transform_quantity;
  if (transform === null) return { scheme: "PER_UNIT", unitAmount };
  const round = (["up", "down"] as const).find((known) => known === transform.round);
  return round === undefined ? null : { scheme: "PACKAGE", unitAmount, divideBy: transform.divide_by, round };
}

/** The SDK's decimal, or the whole amount where there is none, in one spelling. */
function textOf(exact: { toString(): string } | null, whole: number | null): string | null {
  if (exact !== null) return formatDecimal(decimal(exact.toString()));
  return whole === null ? null : String(whole);
}

const nothingIsNull = (text: string | null): string | null => (text === "0" ? null : text);
