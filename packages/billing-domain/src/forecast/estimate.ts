import { type Decimal, decimal, formatDecimal, ZERO } from "../decimal.ts";

/*
 * The one place where an exact number becomes a binary float and back. A forecast is an estimate with an error of
 * percents, which statistics need logarithms and roots for. No bill so far, limit or total is ever computed from it:
 * what has been used stays exact, and only the estimated rest is added to it. The lint rule against floats therefore
 * holds for this folder as for the rest of the package (nothing called an amount, a price or a quantity), and in its
 * strictest form again from project-bill.ts on, where a forecast is rated.
 */

/** An exact number as statistics see it. */
export function toEstimate(value: Decimal): number {
  return Number(formatDecimal(value));
}

/** Decimals that an estimate of fractional units is rounded to. */
const ESTIMATE_PLACES = 6;
/** Past it a float has no digits after the point, and prints with an exponent. */
const EXACT_TEXT_BELOW = 1e15;

/** An estimate as an exact number, never negative: whole where units are whole, else to six decimals. */
export function fromEstimate(value: number, isWhole: boolean): Decimal {
  if (!(value > 0)) return ZERO;
  if (isWhole || value >= EXACT_TEXT_BELOW) return decimal(BigInt(Math.round(Math.min(value, 1e30))));
  return decimal(value.toFixed(ESTIMATE_PLACES));
}
