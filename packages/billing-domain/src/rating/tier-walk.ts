import { type Decimal, decimal, minDecimal, ZERO } from "../decimal.ts";

/** A tier as it is written in a rate card. */
type BoundedTier = { upTo: string | null };

/** A tier with the part of a quantity that falls into it. */
export type TierShare<T> = {
  tier: T;
  /** Position in the card, from 1. */
  position: number;
  /** Exclusive. */
  from: Decimal;
  /** Inclusive; null is open-ended. */
  upTo: Decimal | null;
  quantity: Decimal;
};

/**
 * Cuts a quantity at the tiers' bounds, which are inclusive: with a first tier up to 10, the quantity 10 is all in tier
 * one, and of 10.5 half a unit is in tier two. Only tiers that are reached are returned; the first one always is, with
 * a quantity of zero at zero usage. The parts sum to the quantity.
 */
export function tierShares<T extends BoundedTier>(tiers: readonly T[], quantity: Decimal): TierShare<T>[] {
  const shares: TierShare<T>[] = [];
  let from = ZERO;
  for (const [index, tier] of tiers.entries()) {
    if (index > 0 && quantity.lte(from)) break;
    const upTo = tier.upTo === null ? null : decimal(tier.upTo);
    const end = upTo === null ? quantity : minDecimal(upTo, quantity);
    shares.push({ tier, position: index + 1, from, upTo, quantity: end.minus(from) });
    if (upTo === null) break;
    from = upTo;
  }
  return shares;
}

/** The one tier that a total falls into, holding all of it. */
export function tierOf<T extends BoundedTier>(tiers: readonly T[], quantity: Decimal): TierShare<T> {
  const last = tierShares(tiers, quantity).at(-1);
  if (last === undefined) throw new RangeError("A rate card with tiers needs at least one.");
  return { ...last, quantity };
}

/** The flat amount of a tier reached by `billable` units: the card may waive it when there are none at all. */
export function flatAmountOf(
  tier: { flatAmount?: string },
  billable: Decimal,
  waiveAtZero: boolean | undefined,
): Decimal | null {
  if (tier.flatAmount === undefined) return null;
  return waiveAtZero === true && billable.eq(ZERO) ? ZERO : decimal(tier.flatAmount);
}
