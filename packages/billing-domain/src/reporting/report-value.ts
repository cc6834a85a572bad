import { type Decimal, decimal, formatDecimal, sumDecimals, ZERO } from "../decimal.ts";

/**
 * Digits that a value told to Stripe may have (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api). Not
 * published is whether zeros at the end of a whole number count; the harsher reading, that they do, is taken.
 */
export const MAX_VALUE_DIGITS = 15;

const MOST_WHOLE = decimal("999999999999999");
/** A quantity has at most 18 digits before the point, so one event fits; past this the unit is the wrong one. */
const MAX_PARTS = 1_100;

/** Digits of a value as it is written, zeros in front not counted. */
export function valueDigits(value: Decimal): number {
  return formatDecimal(value).replace(/[-.]/g, "").replace(/^0+/, "").length;
}

/**
 * A value as values of at most 15 digits that sum to it exactly: itself where it is short enough, nothing for zero. Null
 * past 1,100 parts (a magnitude of about 10^18).
 */
export function splitValue(value: Decimal): Decimal[] | null {
  if (value.eq(ZERO)) return [];
  if (valueDigits(value) <= MAX_VALUE_DIGITS) return [value];
  const isNegative = value.lt(ZERO);
  const [whole = "0", fraction = ""] = formatDecimal(value.abs()).split(".");
  const parts = [...wholeParts(decimal(whole)), ...fractionParts(fraction)];
  if (parts.length > MAX_PARTS) return null;
  return isNegative ? parts.map((part) => ZERO.minus(part)) : parts;
}

/** The exact sum of parts, for whoever checks. */
export function joinValues(parts: readonly Decimal[]): Decimal {
  return sumDecimals(parts);
}

function wholeParts(whole: Decimal): Decimal[] {
  const parts: Decimal[] = [];
  let rest = whole;
  while (rest.gt(MOST_WHOLE) && parts.length <= MAX_PARTS) {
    parts.push(MOST_WHOLE);
    rest = rest.minus(MOST_WHOLE);
  }
  if (!rest.eq(ZERO)) parts.push(rest);
  return parts;
}

function fractionParts(fraction: string): Decimal[] {
  const parts: Decimal[] = [];
  for (let from = 0; from < fraction.length; from += MAX_VALUE_DIGITS) {
    const digits = fraction.slice(from, from + MAX_VALUE_DIGITS);
    if (!/[1-9]/.test(digits)) continue;
    parts.push(decimal(`0.${"0".repeat(from)}${digits}`));
  }
  return parts;
}
