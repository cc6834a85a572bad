import { type Decimal, ONE, roundHalfUp, ZERO } from "./decimal.ts";

/**
 * Decimals that a prorated amount keeps. A share such as 10 days of 30 does not end, so it arrives cut off at 40
 * decimals, and 0.15 of it would be 0.04999… instead of 0.05: half a cent could be lost at the line. Rounding the
 * product to 20 decimals gives 0.05 back. It cannot make a false tie either: an amount of 12 decimals over a period of
 * at most three years (fewer than 10^8 seconds) is never closer than 10^-20 to half a minor unit without being it.
 */
const PRORATION_PLACES = 20;

/**
 * The part of an amount that falls to a share of the period (`shareOfWindow`), 0 to 1. Major units, not yet rounded to
 * money. @throws RangeError when the share is not from 0 to 1.
 */
export function prorateAmount(amount: Decimal, share: Decimal): Decimal {
  if (share.lt(ZERO) || share.gt(ONE)) throw new RangeError("A period's share must be from 0 to 1.");
  return roundHalfUp(amount.times(share), PRORATION_PLACES);
}
