import { type Decimal, decimal, ONE, ZERO } from "./decimal.ts";

/** Digits allowed before the decimal point of a quantity. */
export const MAX_INTEGER_DIGITS = 18;
/** Digits allowed after the decimal point of a quantity. */
export const MAX_FRACTION_DIGITS = 12;

/** A quantity read from text, or why it is not one, with the way to put it right. */
export type ParsedQuantity = { ok: true; quantity: Decimal } | { ok: false; message: string };

const QUANTITY = /^-?[0-9]{1,18}(?:\.[0-9]{1,12})?$/;
const DIGITS_ONLY_TOO_MANY = /^-?[0-9]+(?:\.[0-9]+)?$/;
const PARSED_ONE: ParsedQuantity = { ok: true, quantity: ONE };
const PARSED_ZERO: ParsedQuantity = { ok: true, quantity: ZERO };

/**
 * Reads a quantity written plainly, such as "12.5" or "-3": at most 18 digits before the point and 12 after it.
 * Nothing is guessed: exponents, plus signs, spaces, separators and words are refused.
 */
export function parseQuantity(text: string): ParsedQuantity {
  if (text === "1") return PARSED_ONE;
  if (text === "0") return PARSED_ZERO;
  if (typeof text === "string" && QUANTITY.test(text)) return { ok: true, quantity: decimal(text) };
  return { ok: false, message: quantityFault(text) };
}

function quantityFault(text: unknown): string {
  if (typeof text !== "string") return 'A quantity must be text, such as "12.5".';
  if (text === "") return 'The quantity is empty. Send a number as text, such as "12.5", or leave it out for "1".';
  const shown = text.length > 50 ? `${text.slice(0, 50)}…` : text;
  if (DIGITS_ONLY_TOO_MANY.test(text)) {
    return (
      `Quantity "${shown}" has too many digits: at most ${MAX_INTEGER_DIGITS} before the decimal point and ` +
      `${MAX_FRACTION_DIGITS} after it. Use a larger unit, or round it.`
    );
  }
  return `Quantity "${shown}" is not a plain decimal number. Send digits with an optional minus and point, such as "12.5".`;
}
