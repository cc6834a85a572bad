import { currencyExponent, isCurrency } from "./currency.ts";
import { fieldOf, listOf, objectOf, optional, pathTo, type Reader, required, withRule } from "./definition-reader.ts";
import { amountText, countBetween, decimalIn, flag, oneOf, planKeyText, textUpTo } from "./definition-values.ts";
import type { Fault } from "./fault.ts";
import { type LimitDefinition, MAX_LIMITS, readLimit } from "./limit/limit-definition.ts";
import { BILLING_INTERVALS, type BillingInterval } from "./period.ts";
import { type RateCard, readRateCard } from "./rate-card.ts";
import { checkLeastAndMost } from "./tier-rules.ts";

/** What a customer on the plan pays: a base fee for each billing period, plus metered items. Amounts are text in major units. */
export type PlanDefinition = {
  key: string;
  name: string;
  /** Upper-case code; every amount of the plan and its rate cards is in it. */
  currency: string;
  /** The base fee of a full period; "0" for none. A shorter period pays its share by the second. */
  baseAmount: string;
  interval: BillingInterval;
  intervalCount: number;
  /** At most one for each meter. The bill's lines stand in this order. */
  rateCards: RateCard[];
  /** The bill (base fee and lines) is never less, in a full period. */
  minimumAmount?: string;
  /** The bill is never more, in a full period. */
  maximumAmount?: string;
  /** A shorter period scales the bill's minimum and maximum. Default false. The base fee is prorated in any case. */
  prorate?: boolean;
  /** What a customer on the plan may use: HARD refuses, SOFT bills the overage, NOTIFY only warns. */
  limits?: LimitDefinition[];
};

/** Rate cards that a plan may have: Stripe allows 20 items on a subscription, one of which is the base fee. */
export const MAX_RATE_CARDS = 19;

/** The longest period that Stripe bills is three years (its API reference, `recurring.interval_count`). */
const MOST_INTERVALS: Readonly<Record<BillingInterval, number>> = {
  DAY: 1_095,
  WEEK: 156,
  MONTH: 36,
  QUARTER: 12,
  YEAR: 3,
};

const currency: Reader<string> = (json, path, faults) => {
  if (typeof json === "string" && isCurrency(json)) return json;
  const known = typeof json === "string" && isCurrency(json.toUpperCase());
  const message = known
    ? `must be upper case; write "${String(json).toUpperCase()}"`
    : 'is not a currency that Stripe charges; write an upper-case code such as "USD"';
  faults.push({ path, message });
  return undefined;
};

const readPlan = withRule(
  objectOf({
    key: required(planKeyText, 'write the key of the plan, such as "growth"'),
    name: required(textUpTo(200), "write the name that customers see"),
    currency: required(currency, 'write an upper-case code such as "USD"'),
    baseAmount: required(amountText, 'write the fee of a full period in major units, "0" for none'),
    interval: required(oneOf(BILLING_INTERVALS), `write one of ${BILLING_INTERVALS.join(", ")}`),
    intervalCount: required(countBetween(1, MOST_INTERVALS.DAY), "write how many intervals a period has, often 1"),
    rateCards: required(
      listOf(readRateCard, { least: 0, most: MAX_RATE_CARDS, what: "rate cards" }),
      "list the metered items; an empty list is a plan of the base fee only",
    ),
    minimumAmount: optional(amountText),
    maximumAmount: optional(amountText),
    prorate: optional(flag),
    limits: optional(listOf(readLimit, { least: 0, most: MAX_LIMITS, what: "limits" })),
  }),
  (json, path, faults) => {
    checkLeastAndMost("minimumAmount", "maximumAmount")(json, path, faults);
    checkPayable(json, faults);
    checkLength(json, faults);
    checkOneCardPerMeter(json, faults);
  },
);

/** A fee goes on the invoice as it is written, so it cannot be finer than the currency's minor unit. */
function checkPayable(json: unknown, faults: Fault[]): void {
  const code = fieldOf(json, "currency");
  if (typeof code !== "string" || !isCurrency(code)) return;
  const places = currencyExponent(code);
  for (const name of ["baseAmount", "minimumAmount", "maximumAmount"]) {
    const amount = decimalIn(fieldOf(json, name));
    if (amount === null || amount.eq(amount.round(places))) continue;
    faults.push({ path: name, message: `has more decimals than ${code} can be paid in; round it to ${places}` });
  }
}

function checkLength(json: unknown, faults: Fault[]): void {
  const interval = BILLING_INTERVALS.find((candidate) => candidate === fieldOf(json, "interval"));
  const count = fieldOf(json, "intervalCount");
  if (interval === undefined || typeof count !== "number") return;
  const most = MOST_INTERVALS[interval];
  if (count <= most || count > MOST_INTERVALS.DAY) return;
  const message = `makes a period longer than the three years that Stripe allows; with ${interval} write at most ${most}`;
  faults.push({ path: "intervalCount", message });
}

function checkOneCardPerMeter(json: unknown, faults: Fault[]): void {
  const cards = fieldOf(json, "rateCards");
  if (!Array.isArray(cards)) return;
  const meters = cards.map((card) => fieldOf(card, "meterKey"));
  for (const [index, meterKey] of meters.entries()) {
    const first = meters.indexOf(meterKey);
    if (typeof meterKey !== "string" || first === index) continue;
    const path = pathTo(pathTo(pathTo("", "rateCards"), index), "meterKey");
    faults.push({ path, message: `is priced by rate card ${first} already; keep one card for each meter` });
  }
}

/** Checks a plan from JSON (a catalog file, the database). All faults at once, each with its path and the fix. */
export function parsePlanDefinition(
  json: unknown,
): { ok: true; plan: PlanDefinition } | { ok: false; faults: Fault[] } {
  const faults: Fault[] = [];
  const plan = readPlan(json, "", faults);
  return plan === undefined ? { ok: false, faults } : { ok: true, plan };
}
