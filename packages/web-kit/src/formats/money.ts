import { currencyExponent } from "@meterline/billing-domain";
import { LOCALE, remembered } from "./locale.ts";

/** An amount as the API sends it: whole minor units as text, with its currency. "41237" "USD" is 412.37 dollars. */
export type MoneyText = { readonly amountMinor: string; readonly currency: string };

/** A decimal number as text. `Intl.NumberFormat` reads such text exactly, however long; a JavaScript number never appears. */
type NumericText = Intl.StringNumericLiteral;

const WHOLE_NUMBER = /^-?\d+$/;

/** More places than a price (12) times a quantity (12) can have. */
const EXACT_PLACES = 30;

const currencyFormat = remembered((key) => {
  const [locale = LOCALE, currency = "USD", places = "2", sign = "auto"] = key.split("|");
  const least = exponentOf(currency);
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    // The code stands beside every total and above every page, so the short sign is enough, and alike in all locales.
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: least,
    maximumFractionDigits: Math.max(least, Number(places)),
    signDisplay: sign === "always" ? "exceptZero" : "negative",
  });
});

/** Decimals of a currency as Stripe counts them (ISK has two, JPY none); two for a code that we do not know, so that a page still opens. */
function exponentOf(currency: string): number {
  try {
    return currencyExponent(currency);
  } catch {
    return 2;
  }
}

/** Minor units as plain major-unit text, by moving the point: "-5" "USD" is "-0.05". Throws RangeError for anything but whole digits. */
export function majorText({ amountMinor, currency }: MoneyText): string {
  if (!WHOLE_NUMBER.test(amountMinor)) throw new RangeError(`"${amountMinor}" is not a whole number of minor units.`);
  const exponent = exponentOf(currency);
  const negative = amountMinor.startsWith("-");
  const digits = (negative ? amountMinor.slice(1) : amountMinor).padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? "" : `.${digits.slice(-exponent)}`;
  return `${negative ? "-" : ""}${whole}${fraction}`;
}

/** A rounded amount for people, with all decimals of its currency: "$412.37", "¥412", "KWD 0.412". `signed` shows "+" on a charge. */
export function formatMoney(money: MoneyText, { locale = LOCALE, signed = false } = {}): string {
  const format = currencyFormat(`${locale}|${money.currency}|0|${signed ? "always" : "auto"}`);
  return format.format(majorText(money) as NumericText);
}

/** A unit price or unrounded amount in major units, every decimal shown: "$0.0004", "$412.365999". */
export function formatExactMoney(major: string, currency: string, { locale = LOCALE } = {}): string {
  return currencyFormat(`${locale}|${currency}|${EXACT_PLACES}|auto`).format(major as NumericText);
}

/** Whether an exact amount has more decimals than its currency, so that rounding changed it. */
export function wasRounded(unroundedMajor: string, rounded: MoneyText): boolean {
  return plain(unroundedMajor) !== plain(majorText(rounded));
}

/** Text without trailing zeros or a lone minus, so that equal decimals compare equal. */
function plain(decimalText: string): string {
  const trimmed = decimalText.includes(".") ? decimalText.replace(/\.?0+$/, "") : decimalText;
  return trimmed === "-0" ? "0" : trimmed;
}

/** Whether an amount is nothing. */
export function isZeroMoney(money: MoneyText): boolean {
  return /^-?0+$/.test(money.amountMinor);
}

/** The smallest unit a line is rounded to, in words: "cent", "yen", "1/1000 KWD". */
export function minorUnitWord(currency: string): string {
  const exponent = exponentOf(currency);
  if (exponent === 0) return `whole ${currency}`;
  return exponent === 2 && (currency === "USD" || currency === "EUR")
    ? "cent"
    : `${exponent === 2 ? "0.01" : "0.001"} ${currency}`;
}
