import { formatExactMoney, formatMoney, type MoneyText, minorUnitWord, wasRounded } from "../formats/money.ts";
import { formatQuantity, isZeroQuantity } from "../formats/quantity.ts";
import { measuredUnit } from "../formats/unit.ts";
import type { Aggregation, PricingModel } from "../gql/graphql.ts";

/** How each price model works, in one sentence a customer understands. */
const MODEL_WORDS: Record<PricingModel, string> = {
  PER_UNIT: "Each billed unit has the same price.",
  GRADUATED: "Each tier has its own price for the units that fall in it.",
  VOLUME: "All billed units have the price of the one tier that the total falls in.",
  PACKAGE: "Billed in whole packages.",
  STAIRSTEP: "One flat price: that of the tier the total falls in.",
  PERCENTAGE: "A percentage of the amount measured, with the plan's fee for each event, where it has one.",
  GRADUATED_PERCENTAGE: "Each tier has its own percentage for the part of the amount that falls in it.",
  MATRIX: "The price depends on the properties of each event.",
};

/** Short names of the price models, as they stand in lists. */
export const MODEL_NAMES: Record<PricingModel, string> = {
  PER_UNIT: "Per unit",
  GRADUATED: "Graduated",
  VOLUME: "Volume",
  PACKAGE: "Package",
  STAIRSTEP: "Stairstep",
  PERCENTAGE: "Percentage",
  GRADUATED_PERCENTAGE: "Graduated percentage",
  MATRIX: "By property",
};

/** What a meter does with the events it counts, as the end of "Measured as …". */
export const AGGREGATION_WORDS: Record<Aggregation, string> = {
  SUM: "the sum of all events",
  COUNT: "the number of events",
  MAX: "the largest single value",
  LATEST: "the latest value",
  UNIQUE_COUNT: "the number of different values",
  WEIGHTED_SUM: "the level multiplied by the hours it was held",
};

/** The part of a line that its words are made from. All figures are exact text from the API. */
export type PricedLine = {
  readonly quantity: string;
  readonly eventCount: string;
  readonly hasValue: boolean;
  readonly includedQuantity: string;
  readonly billableQuantity: string;
  readonly amount: MoneyText;
  readonly unroundedAmount: string;
  readonly model: PricingModel | null;
  readonly meter: { readonly unit: string; readonly aggregation: Aggregation };
};

/** How a line was measured: "1,250 requests, the sum of all events (8 events)." */
export function measuredWords(line: PricedLine): string {
  const events = line.eventCount === "1" ? "1 event" : `${formatQuantity(line.eventCount)} events`;
  if (!line.hasValue)
    return `Nothing was measured in this period, so there is no value; it is billed as 0 (${events}).`;
  return `${formatQuantity(line.quantity)} ${measuredUnit(line.meter)}: ${AGGREGATION_WORDS[line.meter.aggregation]} (${events}).`;
}

/** What the allowance took off: nothing said of included units when there are none. */
export function allowanceWords(line: PricedLine): string {
  if (isZeroQuantity(line.includedQuantity)) return "No units are included; all of it is billed.";
  const included = `${formatQuantity(line.includedQuantity)} ${measuredUnit(line.meter)}`;
  if (isZeroQuantity(line.billableQuantity)) return `${included} are included, which covers all of it.`;
  return `${included} are included and come off first; ${formatQuantity(line.billableQuantity)} are billed.`;
}

/** How the price model works. */
export function modelWords(line: PricedLine): string {
  return line.model === null ? "This meter has no price in the plan." : MODEL_WORDS[line.model];
}

/** From the exact amount to the one on the bill. */
export function roundingWords(line: PricedLine): string {
  const rounded = formatMoney(line.amount);
  if (!wasRounded(line.unroundedAmount, line.amount)) return `Exactly ${rounded}; nothing to round.`;
  const exact = formatExactMoney(line.unroundedAmount, line.amount.currency);
  return `Exactly ${exact}, rounded once, half up, to the ${minorUnitWord(line.amount.currency)}: ${rounded}.`;
}

/** The units a tier holds: "Up to 1,000", "Above 1,000, up to 10,000", "Above 10,000", or "All units". */
export function tierRangeWords(tier: { from: string | null; upTo: string | null }): string {
  const above = tier.from === null || isZeroQuantity(tier.from) ? null : formatQuantity(tier.from);
  if (tier.upTo === null) return above === null ? "All units" : `Above ${above}`;
  const upTo = formatQuantity(tier.upTo);
  return above === null ? `Up to ${upTo}` : `Above ${above}, up to ${upTo}`;
}
