import { chargeStepMinor, currencyExponent } from "./currency.ts";
import { type Decimal, decimal, formatDecimal, ZERO } from "./decimal.ts";
import type { PackagePrice, UnitTier } from "./price-model.ts";
import { includedQuantityOf, type RateCard } from "./rate-card.ts";

/** A tier as Stripe takes it: `upTo` is inclusive and whole, null is open-ended; amounts are text in minor units. */
export type StripeTier = { upTo: number | null; unitAmount: string; flatAmount: string | null };

/**
 * A price as Stripe takes it, amounts as text in minor units ("0.04" cents). A package divides the period's total first.
 * https://docs.stripe.com/products-prices/pricing-models
 */
export type StripePrice =
  | { scheme: "PER_UNIT"; unitAmount: string }
  | { scheme: "PACKAGE"; unitAmount: string; divideBy: number; round: "up" | "down" }
  | { scheme: "GRADUATED" | "VOLUME"; tiers: readonly StripeTier[] };

/** Who prices a line: Stripe, by a price that comes to the same cent for every quantity; or Meterline, for this reason. */
export type StripePriceAnswer = { ratedBy: "STRIPE"; price: StripePrice } | { ratedBy: "METERLINE"; reason: string };

/** `unit_amount_decimal` takes so many decimals of a minor unit (its API reference). */
const MOST_DECIMALS = 12;

/** How many tiers a price takes is published nowhere; a card with more is priced here. */
const MOST_TIERS = 50;

/**
 * What of a rate card Stripe can price exactly as `rateUsage` does; everything else Meterline prices and adds to the
 * invoice. Stripe knows neither allowances nor bounds of a line. An allowance becomes a free first tier where each unit is
 * priced by its own tier; it cannot where a price depends on the whole quantity (volume, package).
 */
export function stripePriceOf(card: RateCard, currency: string): StripePriceAnswer {
  if (card.minimumAmount !== undefined || card.maximumAmount !== undefined)
    return meterline("the line has a minimum or a maximum");
  if (card.carryNegative === true) return meterline("a negative total is carried over");
  const included = includedQuantityOf(card);
  switch (card.model) {
    case "PER_UNIT":
      return perUnit(minorOf(card.unitPrice, currency), included);
    case "GRADUATED":
      return graduated(card, included, currency);
    case "VOLUME":
      if (included.gt(ZERO)) return meterline("an allowance comes off before one price is chosen for all units");
      return volume(card, currency);
    case "PACKAGE":
      if (included.gt(ZERO)) return meterline("an allowance comes off before packages are counted");
      return packaged(card, currency);
    default:
      return meterline(`Stripe has no price model ${card.model}`);
  }
}

/** The base fee of a full period in minor units; null when the currency cannot be charged so finely. */
export function stripeBaseAmountOf(plan: { baseAmount: string; currency: string }): bigint | null {
  const minor = decimal(minorOf(plan.baseAmount, plan.currency));
  return minor.mod(decimal(chargeStepMinor(plan.currency))).eq(ZERO) ? BigInt(formatDecimal(minor)) : null;
}

function perUnit(unitAmount: string, included: Decimal): StripePriceAnswer {
  if (decimals(unitAmount) > MOST_DECIMALS) return meterline("the unit price is finer than Stripe takes");
  if (included.eq(ZERO)) return { ratedBy: "STRIPE", price: { scheme: "PER_UNIT", unitAmount } };
  return tiered("GRADUATED", [
    { upTo: included, unitAmount: "0", flatAmount: null },
    { upTo: null, unitAmount, flatAmount: null },
  ]);
}

type Graduated = Extract<RateCard, { model: "GRADUATED" }>;
type Volume = Extract<RateCard, { model: "VOLUME" }>;

/**
 * The tiers move up by the allowance. Our first tier is reached by no unit at all, and its flat amount is charged then; in
 * front of the free tier that is the free tier's, unless the card waives it at zero: then it stays where it was.
 */
function graduated(card: Graduated, included: Decimal, currency: string): StripePriceAnswer {
  const tiers = exactTiers(card.tiers, currency);
  const first = tiers[0];
  const waives = card.waiveAtZero === true && hasFlat(first);
  if (included.eq(ZERO)) {
    if (waives) return meterline("Stripe charges the first tier's flat amount also when nothing was used");
    return tiered("GRADUATED", tiers);
  }
  const moved = tiers.map((tier) => ({ ...tier, upTo: tier.upTo === null ? null : tier.upTo.plus(included) }));
  const free: ExactTier = { upTo: included, unitAmount: "0", flatAmount: waives ? null : (first?.flatAmount ?? null) };
  const [second, ...rest] = moved;
  if (second === undefined) return meterline("there are no tiers");
  return tiered("GRADUATED", [free, waives ? second : { ...second, flatAmount: null }, ...rest]);
}

function volume(card: Volume, currency: string): StripePriceAnswer {
  const tiers = exactTiers(card.tiers, currency);
  if (card.waiveAtZero === true && hasFlat(tiers[0]))
    return meterline("Stripe charges the first tier's flat amount also when nothing was used");
  return tiered("VOLUME", tiers);
}

function packaged(card: PackagePrice, currency: string): StripePriceAnswer {
  const divideBy = wholeNumber(decimal(card.packageSize));
  if (divideBy === null) return meterline("the size of a package is not a whole number");
  const unitAmount = minorOf(card.packagePrice, currency);
  if (decimals(unitAmount) > MOST_DECIMALS) return meterline("the price of a package is finer than Stripe takes");
  const round = card.rounding === "DOWN" ? "down" : "up";
  return { ratedBy: "STRIPE", price: { scheme: "PACKAGE", unitAmount, divideBy, round } };
}

type ExactTier = { upTo: Decimal | null; unitAmount: string; flatAmount: string | null };

function exactTiers(tiers: readonly UnitTier[], currency: string): ExactTier[] {
  return tiers.map((tier) => ({
    upTo: tier.upTo === null ? null : decimal(tier.upTo),
    unitAmount: minorOf(tier.unitPrice, currency),
    flatAmount: tier.flatAmount === undefined ? null : minorOf(tier.flatAmount, currency),
  }));
}

function tiered(scheme: "GRADUATED" | "VOLUME", exact: readonly ExactTier[]): StripePriceAnswer {
  if (exact.length > MOST_TIERS) return meterline(`there are more than ${MOST_TIERS} tiers`);
  const tiers: StripeTier[] = [];
  for (const { upTo, unitAmount, flatAmount } of exact) {
    const bound = upTo === null ? null : wholeNumber(upTo);
    if (upTo !== null && bound === null) return meterline("a tier's bound, or the allowance, is not a whole number");
    if (decimals(unitAmount) > MOST_DECIMALS) return meterline("a unit price is finer than Stripe takes");
    if (flatAmount !== null && decimals(flatAmount) > 0)
      return meterline("a flat amount is not a whole number of minor units");
    tiers.push({ upTo: bound, unitAmount, flatAmount: flatAmount === "0" ? null : flatAmount });
  }
  return { ratedBy: "STRIPE", price: { scheme, tiers } };
}

const hasFlat = (tier: ExactTier | undefined): boolean => tier?.flatAmount != null && tier.flatAmount !== "0";

/** Null for a fraction, and past what a JSON number holds exactly. */
function wholeNumber(value: Decimal): number | null {
  const text = formatDecimal(value);
  const number = Number(text);
  return !text.includes(".") && Number.isSafeInteger(number) ? number : null;
}

function minorOf(major: string, currency: string): string {
  const factor = decimal(`1${"0".repeat(currencyExponent(currency))}`);
  return formatDecimal(decimal(major).times(factor));
}

const decimals = (text: string): number => text.split(".")[1]?.length ?? 0;

const meterline = (reason: string): StripePriceAnswer => ({ ratedBy: "METERLINE", reason });
