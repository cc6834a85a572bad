import { type Decimal, ZERO } from "../decimal.ts";
import type { StairstepPrice } from "../price-model.ts";
import type { TierCharge } from "./rated-line.ts";
import { flatAmountOf, tierOf } from "./tier-walk.ts";

/** The flat price of the tier that the total falls into, however many units that is. */
export function rateStairstep(price: StairstepPrice, billable: Decimal): TierCharge[] {
  const { tier, position, from, upTo, quantity } = tierOf(price.tiers, billable);
  const flatAmount = flatAmountOf(tier, billable, price.waiveAtZero) ?? ZERO;
  const label = `Flat price of tier ${position}`;
  return [{ label, from, upTo, quantity, unitPrice: null, flatAmount, unroundedAmount: flatAmount }];
}
