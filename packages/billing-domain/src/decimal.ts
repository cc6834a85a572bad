import Big from "big.js";

/**
 * An exact decimal number: every quantity, price and unrounded amount. Immutable; arithmetic is by method (`a.plus(b)`).
 * A JavaScript number never becomes one: the constructor below is strict and throws on a binary float.
 */
export type Decimal = Big;

/** Our own constructor, so that settings here cannot be changed by (or change) another user of big.js on the page. */
const Exact = Big();
Exact.strict = true;
/** Places kept by a division, the only operation that can be inexact; far past the 12 places that anything is shown in. */
Exact.DP = 40;
Exact.RM = Big.roundHalfUp;

const PLAIN_DECIMAL = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** Bounds the cost of reading a number; sums of the largest allowed quantities stay far below it. */
const MAX_DECIMAL_CHARACTERS = 400;

/**
 * Reads an exact decimal from plain text ("-12.50"), a bigint, or a decimal.
 * @throws RangeError for anything else: exponents, signs other than a leading minus, spaces, "NaN", "".
 */
export function decimal(value: string | bigint | Decimal): Decimal {
  if (typeof value === "object") return value.constructor === Exact ? value : new Exact(value);
  if (typeof value === "bigint") return new Exact(value);
  if (typeof value !== "string" || value.length > MAX_DECIMAL_CHARACTERS || !PLAIN_DECIMAL.test(value)) {
    throw new RangeError(`"${String(value).slice(0, 50)}" is not a plain decimal number such as "12.5".`);
  }
  return new Exact(value);
}

/** Nothing. */
export const ZERO: Decimal = new Exact("0");

/** One unit. */
export const ONE: Decimal = new Exact("1");

/** Plain text of a decimal: no exponent, no trailing zeros, and "-0" is "0". Equal decimals give equal text. */
export function formatDecimal(value: Decimal): string {
  return value.c[0] === 0 ? "0" : value.toFixed();
}

/** Rounds to `places` decimals, half away from zero: 0.5 becomes 1 and -0.5 becomes -1. */
export function roundHalfUp(value: Decimal, places: number): Decimal {
  return value.round(places, Big.roundHalfUp);
}

/** The exact sum; zero for an empty list. */
export function sumDecimals(values: Iterable<Decimal>): Decimal {
  let sum = ZERO;
  for (const value of values) sum = sum.plus(value);
  return sum;
}

/** The larger of two. */
export function maxDecimal(left: Decimal, right: Decimal): Decimal {
  return left.lt(right) ? right : left;
}

/** The smaller of two. */
export function minDecimal(left: Decimal, right: Decimal): Decimal {
  return right.lt(left) ? right : left;
}
