import { type Decimal, ZERO } from "../decimal.ts";
import type { GraduatedPercentagePrice } from "../price-model.ts";
import { factorOf, rateLabel } from "./percentage-rate.ts";
import type { TierCharge } from "./rated-line.ts";
import { flatAmountOf, tierShares } from "./tier-walk.ts";

/** Each part of an amount at the rate of its tier, plus the flat amount of every tier reached. Quantities are major units. */
export function rateGraduatedPercentage(price: GraduatedPercentagePrice, billable: Decimal): TierCharge[] {
  return tierShares(price.tiers, billable).map(({ tier, position, from, upTo, quantity }) => {
    const flatAmount = flatAmountOf(tier, billable, price.waiveAtZero);
    const unroundedAmount = quantity.times(factorOf(tier.ratePercent)).plus(flatAmount ?? ZERO);
    const label = `Tier ${position}, ${rateLabel(tier.ratePercent)}`;
    return { label, from, upTo, quantity, unitPrice: null, flatAmount, unroundedAmount };
  });
}
