import { type Decimal, decimal, roundHalfUp, ZERO } from "@meterline/billing-domain";
import type Stripe from "stripe";
import type { Wire } from "../wire/wire.ts";

/**
 * What a quantity costs at a price, in whole minor units: written from Stripe's documentation alone, so that agreement
 * with Meterline's rating is agreement of two. A negative quantity is billed as zero. Rounded once, half up.
 * https://docs.stripe.com/products-prices/pricing-models
 */
export function priceQuantity(
  price: Wire<Stripe.Price>,
  quantity: Decimal,
  rounding: "line" | "tier" = "line",
): Decimal {
  const units = transformed(price, quantity.lt(ZERO) ? ZERO : quantity);
  if (price.billing_scheme === "per_unit") {
    return roundHalfUp(units.times(decimal(price.unit_amount_decimal ?? "0")), 0);
  }
  const tiers = price.tiers ?? [];
  if (price.tiers_mode === "volume") return roundHalfUp(volumeAmount(tiers, units), 0);
  const parts = graduatedParts(tiers, units);
  const rounded = rounding === "tier" ? parts.map((part) => roundHalfUp(part, 0)) : parts;
  return roundHalfUp(
    rounded.reduce((sum, part) => sum.plus(part), ZERO),
    0,
  );
}

type Tier = Wire<Stripe.Price.Tier>;

/** Packages: the quantity divided, then rounded up or down to whole ones. */
function transformed(price: Wire<Stripe.Price>, quantity: Decimal): Decimal {
  const transform = price.transform_quantity;
  if (!transform) return quantity;
  const size = decimal(String(transform.divide_by));
  const rest = quantity.mod(size);
  const whole = quantity.minus(rest).div(size);
  return transform.round === "up" && rest.gt(ZERO) ? whole.plus(decimal("1")) : whole;
}

/** All units at the price of the tier that the quantity falls in, plus that tier's flat amount; `up_to` is inclusive. */
function volumeAmount(tiers: readonly Tier[], quantity: Decimal): Decimal {
  const tier = tiers.find((one) => one.up_to === null || quantity.lte(decimal(String(one.up_to))));
  return tier ? amountIn(tier, quantity) : ZERO;
}

/**
 * Each tier's units at its price, plus the flat amount of every tier reached; the first is reached by zero units.
 * Open question at Stripe: how a fraction falls against `up_to`. Here 10.5 units are half a unit past 10.
 */
function graduatedParts(tiers: readonly Tier[], quantity: Decimal): Decimal[] {
  const parts: Decimal[] = [];
  let below = ZERO;
  for (const [index, tier] of tiers.entries()) {
    if (index > 0 && quantity.lte(below)) break;
    const bound = tier.up_to === null ? quantity : decimal(String(tier.up_to));
    const top = quantity.lt(bound) ? quantity : bound;
    parts.push(amountIn(tier, top.minus(below)));
    below = bound;
  }
  return parts;
}

function amountIn(tier: Tier, units: Decimal): Decimal {
  return units.times(decimal(tier.unit_amount_decimal ?? "0")).plus(decimal(tier.flat_amount_decimal ?? "0"));
}
