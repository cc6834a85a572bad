import { formatDecimal } from "../decimal.ts";
import { type MeasuredMeter, measuredUnit } from "../meter-unit.ts";
import { majorAmount } from "../money.ts";
import type { AlertRule } from "./alert-rule.ts";
import { moneyWords, numberWords } from "./alert-words.ts";

/** What a rule does, in a sentence, before and after it is saved. `meter` is null for the whole bill. */
export function alertRuleWords(rule: AlertRule, meter: (MeasuredMeter & { name: string }) | null): string {
  const subject = meter?.name ?? "the bill";
  const basis = basisWords(rule, meter);
  switch (rule.kind) {
    case "DROP":
      return `Tells you when ${subject} falls far below what is usual at that time of the week, or goes silent.`;
    case "SPIKE":
      return `Tells you when ${subject} rises far above what is usual at that time of the week.`;
    case "FORECAST":
      return `Tells you beforehand when ${subject} is expected to cross ${shareWords(rule, basis)} before the period ends.`;
    default:
      return `Tells you once a period when ${subject} reaches ${shareWords(rule, basis)}.`;
  }
}

function shareWords(rule: AlertRule, basis: string): string {
  const percents = rule.percents.map((percent) => formatDecimal(percent));
  if (percents.length === 1 && percents[0] === "100") return basis;
  const last = percents.at(-1) ?? "";
  const list = percents.length < 2 ? last : `${percents.slice(0, -1).join(", ")} and ${last}`;
  return `${list} % of ${basis}`;
}

function basisWords(rule: AlertRule, meter: MeasuredMeter | null): string {
  switch (rule.basis) {
    case "ALLOWANCE":
      return "what the plan includes";
    case "LIMIT":
      return "its limit";
    case "UNITS":
      return rule.quantity === null ? "its threshold" : `${numberWords(rule.quantity)} ${unitOf(meter)}`;
    case "MONEY":
      return rule.amount === null ? "its threshold" : moneyWords(majorAmount(rule.amount), rule.amount.currency);
    case "PATTERN":
      return "what is usual";
  }
}

function unitOf(meter: MeasuredMeter | null): string {
  return meter === null ? "units" : measuredUnit(meter);
}
