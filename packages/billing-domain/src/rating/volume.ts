import { type Decimal, decimal, ZERO } from "../decimal.ts";
import type { VolumePrice } from "../price-model.ts";
import type { TierCharge } from "./rated-line.ts";
import { flatAmountOf, tierOf } from "./tier-walk.ts";

/** All units at the price of the tier that the total falls into, plus that tier's flat amount, as Stripe's volume mode does. */
export function rateVolume(price: VolumePrice, billable: Decimal): TierCharge[] {
  const { tier, position, from, upTo, quantity } = tierOf(price.tiers, billable);
  const unitPrice = decimal(tier.unitPrice);
  const flatAmount = flatAmountOf(tier, billable, price.waiveAtZero);
  const unroundedAmount = quantity.times(unitPrice).plus(flatAmount ?? ZERO);
  return [{ label: `All units in tier ${position}`, from, upTo, quantity, unitPrice, flatAmount, unroundedAmount }];
}
