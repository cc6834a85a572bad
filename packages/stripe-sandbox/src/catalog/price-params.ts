import { type Decimal, formatDecimal, isCurrency } from "@meterline/billing-domain";
import { invalidRequest } from "../wire/errors.ts";
import {
  decimalText,
  either,
  flag,
  integer,
  list,
  metadata,
  object,
  oneOf,
  optional,
  type Params,
  text,
} from "../wire/params.ts";

const amountFields = { unit_amount: optional(integer({ min: 0 })), unit_amount_decimal: optional(decimalText(12)) };
const TIER = object({
  up_to: either(oneOf("inf"), integer({ min: 1 })),
  ...amountFields,
  flat_amount: optional(integer({ min: 0 })),
  // A whole number of minor units, although it is called a decimal.
  flat_amount_decimal: optional(decimalText(0)),
});
const RECURRING = object({
  interval: oneOf("day", "week", "month", "year"),
  interval_count: optional(integer({ min: 1, max: 1095 })),
  usage_type: optional(oneOf("licensed", "metered")),
  meter: optional(text()),
  aggregate_usage: optional(oneOf("sum", "last_during_period", "last_ever", "max")),
});

/** What a price is made from. `aggregate_usage` is for pre-basil versions only. */
export const PRICE_FIELDS = {
  currency: text(3),
  product: optional(text()),
  product_data: optional(object({ name: text(), metadata: optional(metadata()), id: optional(text()) })),
  ...amountFields,
  recurring: optional(RECURRING),
  billing_scheme: optional(oneOf("per_unit", "tiered")),
  tiers_mode: optional(oneOf("graduated", "volume")),
  tiers: optional(list(TIER, 50)),
  transform_quantity: optional(object({ divide_by: integer({ min: 1 }), round: oneOf("up", "down") })),
  lookup_key: optional(text(200)),
  transfer_lookup_key: optional(flag()),
  nickname: optional(text()),
  metadata: optional(metadata()),
  active: optional(flag()),
  tax_behavior: optional(oneOf("exclusive", "inclusive", "unspecified")),
};
/** The parameters as read. */
export type PriceParams = Params<typeof PRICE_FIELDS>;
type Tier = NonNullable<PriceParams["tiers"]>[number];

/** An amount as both of its fields: the integer one is null when the amount is no whole number of minor units. */
export type AmountPair = { whole: number | null; exact: string };

/** One amount given as an integer or a decimal; null when neither was. @throws ApiError 400 when both were */
export function amountPair(whole: number | undefined, exact: Decimal | undefined, name: string): AmountPair | null {
  if (whole !== undefined && exact !== undefined) {
    throw invalidRequest(`You may only specify one of these parameters: ${name}, ${name}_decimal.`, { param: name });
  }
  if (whole !== undefined) return { whole, exact: String(whole) };
  if (exact === undefined) return null;
  if (exact.lt("0")) throw invalidRequest("Invalid non-negative decimal", { param: `${name}_decimal` });
  const text = formatDecimal(exact);
  return { whole: text.includes(".") ? null : Number(text), exact: text };
}

/** Refuses what makes no price. Texts are guesses; the rules are from Stripe's reference of prices. */
export function checkPrice(params: PriceParams): void {
  if (!isCurrency(params.currency.toUpperCase())) {
    throw invalidRequest(`Invalid currency: ${params.currency}.`, { param: "currency" });
  }
  if ((params.product === undefined) === (params.product_data === undefined)) {
    throw invalidRequest("You must specify exactly one of product or product_data.", { param: "product" });
  }
  const hasAmount = params.unit_amount !== undefined || params.unit_amount_decimal !== undefined;
  if (params.billing_scheme !== "tiered") {
    if (params.tiers || params.tiers_mode) {
      throw invalidRequest("Tiers can only be set when billing_scheme is tiered.", { param: "tiers" });
    }
    if (!hasAmount) {
      throw invalidRequest("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.");
    }
    return;
  }
  if (hasAmount) throw invalidRequest("`unit_amount` cannot be set when billing_scheme is tiered.");
  if (params.transform_quantity) {
    throw invalidRequest("`transform_quantity` cannot be combined with tiers.", { param: "transform_quantity" });
  }
  if (!params.tiers_mode) throw invalidRequest("Missing required param: tiers_mode.", { param: "tiers_mode" });
  checkTiers(params.tiers ?? []);
}

function checkTiers(tiers: readonly Tier[]): void {
  if (tiers.length === 0) throw invalidRequest("Missing required param: tiers.", { param: "tiers" });
  let reached = 0;
  for (const [index, tier] of tiers.entries()) {
    const param = `tiers[${index}][up_to]`;
    const isLast = index === tiers.length - 1;
    if (isLast !== (tier.up_to === "inf")) {
      throw invalidRequest("The last tier, and only the last tier, must have up_to = inf.", { param });
    }
    if (tier.up_to !== "inf" && tier.up_to <= reached) {
      throw invalidRequest("Tiers must be in ascending order of up_to.", { param });
    }
    if (tier.up_to !== "inf") reached = tier.up_to;
    const unit = amountPair(tier.unit_amount, tier.unit_amount_decimal, "unit_amount");
    const flat = amountPair(tier.flat_amount, tier.flat_amount_decimal, "flat_amount");
    if (!unit && !flat) throw invalidRequest("Each tier needs a unit amount or a flat amount.", { param });
  }
}
