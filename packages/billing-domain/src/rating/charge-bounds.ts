import { type Decimal, decimal } from "../decimal.ts";
import { prorateAmount } from "../proration.ts";
import type { TierCharge } from "./rated-line.ts";
import { flatCharge } from "./tier-charge.ts";

/** The least and the greatest charge, as a rate card or a plan states them for a full period. */
export type ChargeBounds = { minimumAmount?: string; maximumAmount?: string; prorate?: boolean };

/**
 * The minimum and maximum in force for a share of the period: scaled only where `prorate` says so, because a commitment
 * is commonly for the period, however short. Null where there is none. Major units, exact.
 */
export function boundsInForce(
  bounds: ChargeBounds,
  periodShare: Decimal,
): { minimum: Decimal | null; maximum: Decimal | null } {
  const inForce = (text: string | undefined): Decimal | null => {
    if (text === undefined) return null;
    return bounds.prorate === true ? prorateAmount(decimal(text), periodShare) : decimal(text);
  };
  return { minimum: inForce(bounds.minimumAmount), maximum: inForce(bounds.maximumAmount) };
}

/** The row that lifts a line to its minimum or cuts it to its maximum; none when it lies between. */
export function boundCharges(bounds: ChargeBounds, amount: Decimal, periodShare: Decimal): TierCharge[] {
  const { minimum, maximum } = boundsInForce(bounds, periodShare);
  if (minimum !== null && amount.lt(minimum)) return [flatCharge("Minimum charge", minimum.minus(amount))];
  if (maximum !== null && amount.gt(maximum)) return [flatCharge("Maximum charge", maximum.minus(amount))];
  return [];
}
