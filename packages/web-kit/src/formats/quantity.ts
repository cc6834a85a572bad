import { decimal } from "@meterline/billing-domain";
import { LOCALE, remembered } from "./locale.ts";

type NumericText = Intl.StringNumericLiteral;

/** Quantities have at most 12 decimals; averages shown beside them have no more. */
const QUANTITY_PLACES = 12;

const exactFormat = remembered(
  (locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: QUANTITY_PLACES, signDisplay: "negative" }),
);
/** American on purpose: "4M" where British English writes "4m", which reads as metres or milli. */
const compactFormat = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });
const percentFormat = remembered(
  (locale) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }),
);

/** An exact quantity with digit grouping, every decimal shown: "2,402,146,796", "-3", "0.000000000001". */
export function formatQuantity(quantity: string, { locale = LOCALE } = {}): string {
  return exactFormat(locale).format(quantity as NumericText);
}

/** A short reading for a chart axis only ("2.4B"); wherever a figure is stated, use `formatQuantity`. */
export function formatAxisQuantity(quantity: number): string {
  return compactFormat.format(quantity);
}

/** A quantity followed by its unit: "1,250 requests". */
export function formatQuantityWithUnit(quantity: string, unit: string, options: { locale?: string } = {}): string {
  return `${formatQuantity(quantity, options)} ${unit}`;
}

/**
 * What part of a whole a quantity is, in per cent rounded down, for bars and words; never an amount. 0 when the whole is
 * zero or less, so that a bar is drawn empty rather than broken. Rounded down so that 99.9 % of an allowance is never "100 % used".
 */
export function percentOf(part: string, whole: string): number {
  const base = decimal(whole);
  if (base.lte("0")) return 0;
  const share = decimal(part).times("100").div(base);
  return Number(share.round(0, 0).toString());
}

/** A percentage for people: "12%". */
export function formatPercent(percent: number, { locale = LOCALE } = {}): string {
  return percentFormat(locale).format(percent / 100);
}

/** Negative, zero or positive, by exact comparison: -1, 0 or 1. */
export function compareQuantities(left: string, right: string): -1 | 0 | 1 {
  return decimal(left).cmp(decimal(right));
}

/** Whether a quantity is exactly nothing. */
export function isZeroQuantity(quantity: string): boolean {
  return compareQuantities(quantity, "0") === 0;
}
