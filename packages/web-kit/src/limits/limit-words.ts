import { decimal, formatDecimal, roundHalfUp } from "@meterline/billing-domain";
import { formatExactMoney } from "../formats/money.ts";
import { formatQuantityWithUnit } from "../formats/quantity.ts";
import type { LimitPeriod, LimitPolicy, LimitSource, LimitStanding } from "../gql/graphql.ts";

/** A figure of a limit: units of a meter, or with a currency money in major units. Exact text. */
export type LimitFigure = { readonly currency: string | null; readonly unit: string | null };

/** Each policy in two words. */
export const POLICY_NAMES: Readonly<Record<LimitPolicy, string>> = {
  HARD: "Hard limit",
  SOFT: "Soft limit",
  NOTIFY: "Notice",
  NONE: "No limit",
};

/** What a limit counts over. */
export const PERIOD_NAMES: Readonly<Record<LimitPeriod, string>> = {
  BILLING_PERIOD: "each billing period",
  DAY: "a day",
  HOUR: "an hour",
  LIFETIME: "in all",
};

/** Who set it. */
export const SOURCE_NAMES: Readonly<Record<LimitSource, string>> = {
  PLAN: "From the plan",
  CUSTOMER: "Set beside the plan",
  OVERRIDE: "Override by staff",
};

/** Where a customer stands, in a word, with the tone of its tag. */
export const STANDINGS: Readonly<Record<LimitStanding, { word: string; tone: "accent" | "warn" | "bad" | undefined }>> =
  {
    OK: { word: "Within", tone: undefined },
    NEAR: { word: "Near", tone: "warn" },
    REACHED: { word: "Reached", tone: "warn" },
    BLOCKED: { word: "Refusing usage", tone: "bad" },
  };

const SHOWN_PLACES = 3;

/** "1,000,000 requests", or "$500.00" for money. */
export function figureWords(value: string, { currency, unit }: LimitFigure): string {
  if (currency !== null) return formatExactMoney(value, currency);
  // To be read beside a bar: hours of a level have many decimals. The exact figure is on the bill.
  const shown = formatDecimal(roundHalfUp(decimal(value), SHOWN_PLACES));
  return formatQuantityWithUnit(shown, unit ?? "units");
}
