import { decimal, formatDecimal } from "../decimal.ts";
import type { EpochMs } from "../window.ts";
import { type LimitDefinition, type LimitPeriod, limitPeriodOf, warningsOf } from "./limit-definition.ts";
import type { LimitStanding } from "./limit-standing.ts";
import type { LimitSource } from "./limits-in-force.ts";

/** What words need beside the definition: what the meter measures in ("requests", "GB-hours"; null for the whole bill) and the currency. */
export type LimitWordsContext = { unit: string | null; meterName: string | null; currency: string; timeZone: string };

/** Told to who needs more, where the limit does not say it better. */
export const DEFAULT_UPGRADE = "To use more, move to a larger plan or ask for a higher limit.";

const EACH: Record<LimitPeriod, string> = {
  BILLING_PERIOD: "in each billing period",
  DAY: "a day",
  HOUR: "an hour",
  LIFETIME: "in all",
};

const UNTIL: Record<LimitPeriod, string> = {
  BILLING_PERIOD: "until the next billing period begins",
  DAY: "until the next day begins",
  HOUR: "until the next full hour",
  LIFETIME: "until the limit is raised",
};

/** What a limit does, in words that a customer understands; shown before it is saved and wherever it is listed. */
export function limitInWords(limit: LimitDefinition, context: LimitWordsContext): string {
  const period = limitPeriodOf(limit);
  return [boundSentence(limit, context, period), atTheLimit(limit, period), warningSentence(limit)]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

function boundSentence(limit: LimitDefinition, context: LimitWordsContext, period: LimitPeriod): string {
  const what = limitWhat(limit, context);
  const zone = period === "DAY" ? ` (days of ${context.timeZone})` : period === "HOUR" ? " (full hours, UTC)" : "";
  const verb = { HARD: "Stops at", SOFT: "Allows", NOTIFY: "Watches for" }[limit.policy];
  return `${verb} ${what} ${EACH[period]}${zone}.`;
}

/** The bound with what it bounds: "100,000 requests where model is m-large", "500.00 USD on the whole bill". */
export function limitWhat(limit: LimitDefinition, { unit, meterName, currency }: LimitWordsContext): string {
  if (limit.amount !== undefined) {
    const on = limit.meterKey === undefined ? "the whole bill" : (meterName ?? limit.meterKey);
    return `${readable(limit.amount)} ${currency} on ${on}`;
  }
  const where = limit.property === undefined ? "" : ` where ${limit.property.name} is ${limit.property.value}`;
  return `${readable(limit.quantity ?? "0")} ${unit ?? "units"}${where}`;
}

function atTheLimit(limit: LimitDefinition, period: LimitPeriod): string {
  switch (limit.policy) {
    case "HARD":
      return `What would go past it is refused and not billed, ${UNTIL[period]}.`;
    case "SOFT":
      return "What goes past it is recorded and billed at the plan's prices.";
    case "NOTIFY":
      return "Nothing is refused; usage past it is recorded and billed as always, and you are told.";
  }
}

function warningSentence(limit: LimitDefinition): string {
  const percentages = warningsOf(limit).map((percent) => `${percent} %`);
  if (percentages.length === 0) return "There is no warning before it.";
  const last = percentages.at(-1);
  const list = percentages.length === 1 ? last : `${percentages.slice(0, -1).join(", ")} and ${last}`;
  return `A warning comes at ${list}.`;
}

/** Why something was refused: the limit that refuses, what is left of it, when it resets, and how to get more. */
export function refusalInWords(refusedBy: LimitStanding, asked: string, context: LimitWordsContext): string {
  const { definition, source } = refusedBy.limit;
  const period = limitPeriodOf(definition);
  const money = definition.amount === undefined ? "" : ` ${context.currency}`;
  const held = formatDecimal(refusedBy.held);
  const used = `${readable(formatDecimal(refusedBy.used))}${money} used${held === "0" ? "" : `, ${readable(held)}${money} held`}`;
  const left = `${readable(formatDecimal(refusedBy.remaining))}${money} left`;
  const reset =
    refusedBy.resetsAt === null ? "It does not reset." : `It resets at ${new Date(refusedBy.resetsAt).toISOString()}.`;
  return (
    `${SOURCE_WORDS[source]} of ${limitWhat(definition, context)} ${EACH[period]} does not allow it: ${used}, ${left}, ` +
    `and ${readable(asked)} more would go past it. ${reset} ${definition.upgrade ?? DEFAULT_UPGRADE}`
  );
}

const SOURCE_WORDS: Record<LimitSource, string> = {
  PLAN: "The plan's hard limit",
  CUSTOMER: "The customer's hard limit",
  OVERRIDE: "The hard limit set by staff",
};

/** What setting a limit now would mean for who is past it already; null where nothing is. */
export function limitBelowUsageInWords(standing: LimitStanding, context: LimitWordsContext): string | null {
  const { definition } = standing.limit;
  const taken = standing.used.plus(standing.held);
  if (taken.lt(standing.bound)) return null;
  const unit = definition.amount === undefined ? (context.unit ?? "units") : context.currency;
  const used = `${readable(formatDecimal(taken))} ${unit}`;
  const reset = standing.resetsAt === null ? "for good" : `until ${instantWords(standing.resetsAt)}`;
  if (definition.policy === "HARD") {
    return `${used} are used or held already, so from the moment it is saved everything more is refused ${reset}. What was recorded stays recorded and billed.`;
  }
  return `${used} are used or held already, so it counts as reached from the moment it is saved.`;
}

function instantWords(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** A decimal with its thousands set apart: "1234567.5" is "1,234,567.5". */
function readable(text: string): string {
  const plain = formatDecimal(decimal(text));
  const [whole = "0", fraction] = plain.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  // Zeros that were written behind the point are kept: 500.00 is an amount of money.
  const written = text.split(".")[1] ?? fraction;
  return written === undefined ? grouped : `${grouped}.${written}`;
}
