import { type Decimal, decimal } from "./decimal.ts";
import type { Reader } from "./definition-reader.ts";

/** Decimals that a price, an allowance or a bound may have. */
export const MAX_DEFINITION_DECIMALS = 12;

/** Digits before the point that a price, an allowance or a bound may have. */
export const MAX_DEFINITION_INTEGER_DIGITS = 18;

const DECIMAL_TEXT = /^(-?)([0-9]+)(?:\.([0-9]+))?$/;

function faultOfDecimal(json: unknown, mayBeZero: boolean): string | null {
  if (typeof json !== "string") return 'must be a decimal in quotes, such as "0.0004"; a bare number can lose digits';
  const match = DECIMAL_TEXT.exec(json);
  if (match === null) {
    return `"${json.slice(0, 40)}" is not a plain decimal; write it like "0.0004", without exponent, spaces or separators`;
  }
  const [, sign, whole = "", fraction = ""] = match;
  if (sign === "-") return "must not be negative; write a credit as an adjustment, not as a price";
  if (fraction.length > MAX_DEFINITION_DECIMALS) {
    return `has ${fraction.length} decimals; round it to at most ${MAX_DEFINITION_DECIMALS}`;
  }
  if (whole.length > MAX_DEFINITION_INTEGER_DIGITS) {
    return `has ${whole.length} digits before the point; at most ${MAX_DEFINITION_INTEGER_DIGITS} are allowed`;
  }
  if (!mayBeZero && /^[0.]+$/.test(json)) return "must be more than zero";
  return null;
}

/** The decimal that a field holds, or null when it holds none that the readers below would accept. */
export function decimalIn(json: unknown): Decimal | null {
  return typeof json === "string" && faultOfDecimal(json, true) === null ? decimal(json) : null;
}

/** Text of a decimal, zero or more. */
export const amountText: Reader<string> = (json, path, faults) => {
  const message = faultOfDecimal(json, true);
  if (message === null) return json as string;
  faults.push({ path, message });
  return undefined;
};

/** Text of a decimal, more than zero. */
export const positiveText: Reader<string> = (json, path, faults) => {
  const message = faultOfDecimal(json, false);
  if (message === null) return json as string;
  faults.push({ path, message });
  return undefined;
};

/** True or false. */
export const flag: Reader<boolean> = (json, path, faults) => {
  if (typeof json === "boolean") return json;
  faults.push({ path, message: "must be true or false, without quotes" });
  return undefined;
};

/** A whole number from `least` to `most`: a count, never a quantity or an amount. */
export function countBetween(least: number, most: number): Reader<number> {
  return (json, path, faults) => {
    if (typeof json === "number" && Number.isInteger(json) && json >= least && json <= most) return json;
    faults.push({ path, message: `must be a whole number from ${least} to ${most}, without quotes` });
    return undefined;
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Reader<Word> {
  return (json, path, faults) => {
    const word = words.find((candidate) => candidate === json);
    if (word === undefined) faults.push({ path, message: `must be one of ${words.join(", ")}` });
    return word;
  };
}

/** Text of 1 to `most` characters without spaces around it. */
export function textUpTo(most: number): Reader<string> {
  return (json, path, faults) => {
    if (typeof json === "string" && json !== "" && json === json.trim() && [...json].length <= most) return json;
    faults.push({ path, message: `must be text of 1 to ${most} characters, without spaces around it` });
    return undefined;
  };
}

function keyLike(pattern: RegExp, rule: string): Reader<string> {
  return (json, path, faults) => {
    if (typeof json === "string" && pattern.test(json)) return json;
    faults.push({ path, message: `must be a key: a small letter, then up to 99 ${rule}` });
    return undefined;
  };
}

/** A meter's key, such as "api_requests"; the same rule as the database's. */
export const meterKeyText: Reader<string> = keyLike(/^[a-z][a-z0-9_]{0,99}$/, 'small letters, digits or "_"');

/** A plan's key, such as "growth-2026"; the same rule as the database's. */
export const planKeyText: Reader<string> = keyLike(/^[a-z][a-z0-9_-]{0,99}$/, 'small letters, digits, "_" or "-"');
