import { type Decimal, decimal, formatDecimal } from "../decimal.ts";

/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;

/**
 * The decimal that Stripe's summary means: a sum that comes as a JSON number, so a double. Of up to 15 digits it is the sum
 * exactly; past them `isExact` is false, and the last digits may differ from the sum.
 */
export function summaryValue(aggregatedValue: number): { value: Decimal; isExact: boolean } {
  const text = plainText(aggregatedValue);
  const digits = text.replace(/[-.]/g, "").replace(/^0+/, "");
  return { value: decimal(text), isExact: digits.replace(/0+$/, "").length <= EXACT_DIGITS };
}

/**
 * Whether a summary says this total: the same number, or as near to it as a double comes. A total of more than 15 digits
 * never reads back as it is; to take the rest of it for a difference and tell it to Stripe would make a real one.
 */
export function summaryAgrees(summary: Decimal, total: Decimal): boolean {
  return summary.eq(total) || Number(formatDecimal(summary)) === Number(formatDecimal(total));
}

/** A number without an exponent. */
function plainText(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no sum`);
  const [mantissa = "0", exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa;
  const isNegative = mantissa.startsWith("-");
  const [whole = "0", fraction = ""] = mantissa.replace("-", "").split(".");
  const places = Number(exponent);
  const digits = `${whole}${fraction}`;
  // The point stands after `whole`, moved by the exponent.
  const point = whole.length + places;
  const plain =
    point <= 0
      ? `0.${"0".repeat(-point)}${digits}`
      : point >= digits.length
        ? `${digits}${"0".repeat(point - digits.length)}`
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return isNegative ? `-${plain}` : plain;
}
