import { type Decimal, decimal, ZERO } from "../decimal.ts";
import type { GraduatedPrice } from "../price-model.ts";
import type { TierCharge } from "./rated-line.ts";
import { flatAmountOf, tierShares } from "./tier-walk.ts";

/** Each unit at the price of its tier, plus the flat amount of every tier reached, as Stripe's graduated mode does. */
export function rateGraduated(price: GraduatedPrice, billable: Decimal): TierCharge[] {
  return tierShares(price.tiers, billable).map(({ tier, position, from, upTo, quantity }) => {
    const unitPrice = decimal(tier.unitPrice);
    const flatAmount = flatAmountOf(tier, billable, price.waiveAtZero);
    const unroundedAmount = quantity.times(unitPrice).plus(flatAmount ?? ZERO);
    return { label: `Tier ${position}`, from, upTo, quantity, unitPrice, flatAmount, unroundedAmount };
  });
}
