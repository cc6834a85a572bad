import { type Decimal, decimal, ZERO } from "../decimal.ts";
import type { Fault } from "../fault.ts";
import { majorAmount, type Money } from "../money.ts";
import type { AlertBasis, AlertKind, AlertRule } from "./alert-rule.ts";

/** A rule as somebody asks for it. */
export type AlertRuleInput = Pick<AlertRule, "kind" | "basis" | "meterKey" | "limitId" | "quantity" | "amount"> & {
  percents: readonly Decimal[];
};

/** Thresholds of one rule. */
export const MAX_PERCENTS = 10;
/** The largest share that a threshold may be: beyond it, a threshold in units or money says what is meant. */
export const MAX_PERCENT = decimal("500");

const BASES: Readonly<Record<AlertKind, readonly AlertBasis[]>> = {
  THRESHOLD: ["ALLOWANCE", "LIMIT", "UNITS", "MONEY"],
  BUDGET: ["MONEY"],
  FORECAST: ["ALLOWANCE", "LIMIT", "UNITS", "MONEY"],
  DROP: ["PATTERN"],
  SPIKE: ["PATTERN"],
};

/** What is wrong with a rule, all at once, each with the way to put it right; empty when it can be kept. */
export function alertRuleFaults(rule: AlertRuleInput): Fault[] {
  const faults: Fault[] = [];
  if (!BASES[rule.kind].includes(rule.basis)) {
    const message = `${rule.kind} is measured against ${BASES[rule.kind].join(" or ")}, not against ${rule.basis}.`;
    faults.push({ path: "basis", message });
  }
  if (rule.meterKey === null && rule.basis !== "MONEY") {
    faults.push({ path: "meterKey", message: "Say which meter; only money can be that of the whole bill." });
  }
  if (rule.basis === "LIMIT" && rule.limitId === null) {
    faults.push({ path: "limitId", message: "Say which limit." });
  }
  faults.push(...sizeFaults(rule), ...percentFaults(rule));
  return faults;
}

function sizeFaults({ basis, quantity, amount }: AlertRuleInput): Fault[] {
  const faults: Fault[] = [];
  if (basis === "UNITS" && !(quantity?.gt(ZERO) ?? false)) {
    faults.push({
      path: "quantity",
      message: "Say how many units, more than 0: at 0 the alert would be there at once.",
    });
  }
  if (basis === "MONEY" && !isPositive(amount)) {
    faults.push({ path: "amount", message: "Say which amount, more than 0: at 0 the alert would be there at once." });
  }
  if (basis !== "UNITS" && quantity !== null) {
    faults.push({ path: "quantity", message: `A rule measured against ${basis} takes no quantity; leave it out.` });
  }
  if (basis !== "MONEY" && amount !== null) {
    faults.push({ path: "amount", message: `A rule measured against ${basis} takes no amount; leave it out.` });
  }
  return faults;
}

function isPositive(amount: Money | null): boolean {
  return amount !== null && majorAmount(amount).gt(ZERO);
}

function percentFaults({ basis, percents }: AlertRuleInput): Fault[] {
  const path = "percents";
  if (basis === "PATTERN") {
    return percents.length === 0 ? [] : [{ path, message: "A drop or a spike takes no percentage; leave it out." }];
  }
  const faults: Fault[] = [];
  if (percents.length === 0 || percents.length > MAX_PERCENTS) {
    faults.push({ path, message: `Give 1 to ${MAX_PERCENTS} thresholds in percent.` });
  }
  for (const percent of percents) {
    const fault = percentFault(percent);
    if (fault !== null) faults.push({ path, message: fault });
  }
  const texts = percents.map((percent) => percent.toFixed());
  if (new Set(texts).size < texts.length) faults.push({ path, message: "The same threshold stands there twice." });
  return faults;
}

function percentFault(percent: Decimal): string | null {
  const shown = percent.toFixed();
  if (percent.lte(ZERO)) return `${shown} % is reached before anything is used; give more than 0 %.`;
  if (percent.gt(MAX_PERCENT)) {
    return `${shown} % is past ${MAX_PERCENT.toFixed()} %; say the threshold in units or in money instead.`;
  }
  if (!percent.eq(percent.round(4))) return `${shown} % has more than 4 decimals; round it.`;
  return null;
}
