import { type Decimal, maxDecimal, minDecimal, ONE, ZERO } from "../decimal.ts";
import { roundToMoney } from "../money.ts";
import { includedQuantityOf, type RateCard } from "../rate-card.ts";
import { carriedInto, needsCarriedQuantity } from "./carry-over.ts";
import { boundCharges } from "./charge-bounds.ts";
import { rateGraduated } from "./graduated.ts";
import { rateGraduatedPercentage } from "./graduated-percentage.ts";
import { rateMatrix } from "./matrix.ts";
import { ratePackage } from "./package.ts";
import { ratePerUnit } from "./per-unit.ts";
import { percentageNeedsEvents, ratePercentage } from "./percentage.ts";
import type { MeterUsage, ModelCharge, RatedLine } from "./rated-line.ts";
import { rateStairstep } from "./stairstep.ts";
import { freeCharge, sumOfCharges } from "./tier-charge.ts";
import { rateVolume } from "./volume.ts";

export { carriedQuantityAfter, needsCarriedQuantity } from "./carry-over.ts";
export type { DimensionUsage, MeterUsage, RatedEvent, RatedLine, TierCharge } from "./rated-line.ts";

/** Where and for how long a line is priced. */
export type RatingContext = {
  currency: string;
  /** The part of a full period that is billed (`shareOfWindow`), 0 to 1; left out, a full period. */
  periodShare?: Decimal;
};

/** Whether a card can only be priced with the period's events: some percentages. All others need totals only. */
export function needsEvents(card: RateCard): boolean {
  return card.model === "PERCENTAGE" && percentageNeedsEvents(card, includedQuantityOf(card));
}

/**
 * Prices what one meter counted in one period. Everything is exact up to `amount`, the one rounding of the line.
 * @throws RangeError when the usage lacks what the card needs: events, totals by combination, or the carried quantity.
 */
export function rateUsage(card: RateCard, usage: MeterUsage, context: RatingContext): RatedLine {
  const periodShare = context.periodShare ?? ONE;
  const net = (usage.quantity ?? ZERO).plus(carriedInto(card, usage));
  const includedQuantity = includedQuantityOf(card);
  const hasAllowance = includedQuantity.gt(ZERO);
  const { billableQuantity, tiers } = chargeOf(card, { usage, net, includedQuantity });
  if (hasAllowance) {
    const free = minDecimal(includedQuantity, maxDecimal(net, ZERO));
    tiers.unshift({ ...freeCharge("Included allowance", free), from: ZERO, upTo: includedQuantity });
  }
  tiers.push(...boundCharges(card, sumOfCharges(tiers), periodShare));
  const unroundedAmount = sumOfCharges(tiers);
  return {
    meterKey: card.meterKey,
    quantity: usage.quantity ?? ZERO,
    hasValue: usage.quantity !== null,
    includedQuantity,
    billableQuantity,
    remainingQuantity: hasAllowance ? maxDecimal(includedQuantity.minus(net), ZERO) : null,
    carryForwardQuantity: needsCarriedQuantity(card) ? minDecimal(net, ZERO) : ZERO,
    tiers,
    unroundedAmount,
    amount: roundToMoney(unroundedAmount, context.currency),
  };
}

/** The allowance comes off first; tiers and packages then count what is left from zero. */
function chargeOf(card: RateCard, part: { usage: MeterUsage; net: Decimal; includedQuantity: Decimal }): ModelCharge {
  const billableQuantity = maxDecimal(part.net.minus(part.includedQuantity), ZERO);
  switch (card.model) {
    case "PER_UNIT":
      return { billableQuantity, tiers: ratePerUnit(card, billableQuantity) };
    case "GRADUATED":
      return { billableQuantity, tiers: rateGraduated(card, billableQuantity) };
    case "VOLUME":
      return { billableQuantity, tiers: rateVolume(card, billableQuantity) };
    case "PACKAGE":
      return { billableQuantity, tiers: ratePackage(card, billableQuantity) };
    case "STAIRSTEP":
      return { billableQuantity, tiers: rateStairstep(card, billableQuantity) };
    case "GRADUATED_PERCENTAGE":
      return { billableQuantity, tiers: rateGraduatedPercentage(card, billableQuantity) };
    case "PERCENTAGE":
      return ratePercentage(card, part.usage, part.includedQuantity);
    case "MATRIX":
      return rateMatrix(card, part.usage, part.includedQuantity);
  }
}
