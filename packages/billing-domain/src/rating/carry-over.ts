import { type Decimal, minDecimal, ZERO } from "../decimal.ts";
import type { RateCard } from "../rate-card.ts";
import type { MeterUsage } from "./rated-line.ts";

/** Whether the card needs `MeterUsage.carriedQuantity`. */
export function needsCarriedQuantity(card: RateCard): boolean {
  return card.carryNegative === true;
}

/**
 * What a period takes over, from the totals of all earlier periods of the subscription, oldest first: zero or less. A
 * positive period pays the debt down first, and what it pays is not billed.
 */
export function carriedQuantityAfter(periodTotals: Iterable<Decimal>): Decimal {
  let carried = ZERO;
  for (const total of periodTotals) carried = minDecimal(carried.plus(total), ZERO);
  return carried;
}

/**
 * What this line takes over from the period before. A missing number is refused, not taken as zero: the customer would
 * be charged for units that the card promises to set off, and nobody would notice.
 */
export function carriedInto(card: RateCard, usage: MeterUsage): Decimal {
  if (!needsCarriedQuantity(card)) return ZERO;
  if (usage.carriedQuantity === undefined || usage.carriedQuantity.gt(ZERO)) {
    throw new RangeError(`The rate card of ${card.meterKey} carries negative totals: pass carriedQuantity, at most 0.`);
  }
  return usage.carriedQuantity;
}
