import type { Decimal } from "../decimal.ts";
import { addMoney, type Money, negateMoney, zeroMoney } from "../money.ts";
import type { RateCard } from "../rate-card.ts";
import { needsCarriedQuantity, needsEvents, rateUsage } from "../rating/index.ts";

/**
 * What a difference in units comes to: the line at the actual quantity less the line at the expected one. Null where
 * the total alone does not price it (a matrix, some percentages), zero where the plan has no price for the meter.
 */
export function priceDifference(
  card: RateCard | null,
  quantities: { expected: Decimal; actual: Decimal; currency: string },
): Money | null {
  const { currency } = quantities;
  if (card === null) return zeroMoney(currency);
  if (card.model === "MATRIX" || needsEvents(card) || needsCarriedQuantity(card)) return null;
  // The fixed fee of a percentage counts events, of which a total says nothing.
  if (card.model === "PERCENTAGE" && card.fixedAmount !== undefined) return null;
  const priced = (quantity: Decimal) => rateUsage(card, { quantity, eventCount: 0n }, { currency }).amount;
  return addMoney(priced(quantities.actual), negateMoney(priced(quantities.expected)));
}
