import { type Decimal, decimal, ZERO } from "./decimal.ts";
import {
  fieldOf,
  isJsonObject,
  objectOf,
  optional,
  pathTo,
  type Reader,
  required,
  withRule,
} from "./definition-reader.ts";
import { amountText, flag, meterKeyText, oneOf } from "./definition-values.ts";
import type { Fault } from "./fault.ts";
import type { PriceModel, PriceModelName } from "./price-model.ts";
import { checkMatrix, PRICE_MODEL_FIELDS } from "./price-model-reader.ts";
import { checkLeastAndMost } from "./tier-rules.ts";

/** What every rate card has, whatever its price model. Amounts are text in major units of the plan's currency. */
export type RateCardTerms = {
  meterKey: string;
  /** Units of a period that cost nothing; they come off before tiers and packages. Never prorated. */
  includedQuantity?: string;
  /** The line is never less, in a full period. */
  minimumAmount?: string;
  /** The line is never more, in a full period. */
  maximumAmount?: string;
  /** A shorter period scales the minimum and the maximum. Default false. */
  prorate?: boolean;
  /** A negative total of the period is carried into the next one. Default false: it is billed as zero and forgotten. */
  carryNegative?: boolean;
};

/** How one meter is priced in a plan. */
export type RateCard = RateCardTerms & PriceModel;

const MODEL_NAMES = Object.keys(PRICE_MODEL_FIELDS) as PriceModelName[];

/** The fields of every card. Which others it may have depends on its model. */
const COMMON_FIELDS = {
  meterKey: required(meterKeyText, 'name the meter that is priced, such as "api_requests"'),
  model: required(oneOf(MODEL_NAMES), `write one of ${MODEL_NAMES.join(", ")}`),
  includedQuantity: optional(amountText),
  minimumAmount: optional(amountText),
  maximumAmount: optional(amountText),
  prorate: optional(flag),
  carryNegative: optional(flag),
};

function checkTerms(json: unknown, path: string, faults: Fault[]): void {
  checkLeastAndMost("minimumAmount", "maximumAmount")(json, path, faults);
  const name = fieldOf(json, "model");
  if (name === "MATRIX") checkMatrix(json, path, faults);
  if (name === "PERCENTAGE") {
    checkLeastAndMost("minimumPerEvent", "maximumPerEvent")(json, path, faults);
    if (fieldOf(json, "includedQuantity") !== undefined && fieldOf(json, "freeAmount") !== undefined) {
      const message = "says the same as freeAmount, the allowance of a percentage; keep freeAmount only";
      faults.push({ path: pathTo(path, "includedQuantity"), message });
    }
  }
  if (fieldOf(json, "carryNegative") === true && (name === "MATRIX" || name === "PERCENTAGE")) {
    const what = name === "MATRIX" ? "property values" : "events";
    const message = `cannot be true with ${name}: a total carried over has no ${what} to price it by; leave it out`;
    faults.push({ path: pathTo(path, "carryNegative"), message });
  }
}

/** Reads one rate card of a plan; see `parseRateCard`. */
export const readRateCard: Reader<RateCard> = (json, path, faults) => {
  const name = MODEL_NAMES.find((candidate) => candidate === fieldOf(json, "model"));
  if (name !== undefined) {
    const read = withRule(objectOf({ ...COMMON_FIELDS, ...PRICE_MODEL_FIELDS[name] }), checkTerms);
    // The type of a card with "any of these models" is wider than "one of these cards"; `name` has just made it one.
    return read(json, path, faults) as RateCard | undefined;
  }
  // Without a model nobody can say which other fields belong here, so only the common ones are looked at.
  const common = Object.fromEntries(Object.keys(COMMON_FIELDS).map((field) => [field, fieldOf(json, field)]));
  withRule(objectOf(COMMON_FIELDS), checkTerms)(isJsonObject(json) ? common : json, path, faults);
  return undefined;
};

/** Checks one rate card from JSON. All faults at once, each with its path from the card. */
export function parseRateCard(json: unknown): { ok: true; rateCard: RateCard } | { ok: false; faults: Fault[] } {
  const faults: Fault[] = [];
  const rateCard = readRateCard(json, "", faults);
  return rateCard === undefined ? { ok: false, faults } : { ok: true, rateCard };
}

/** Units of a period that cost nothing under a card; for a percentage, the amount of money that does. */
export function includedQuantityOf(card: RateCard): Decimal {
  const text = card.includedQuantity ?? (card.model === "PERCENTAGE" ? card.freeAmount : undefined);
  return text === undefined ? ZERO : decimal(text);
}
