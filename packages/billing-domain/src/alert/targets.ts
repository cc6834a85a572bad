import { type Decimal, decimal, formatDecimal, ZERO } from "../decimal.ts";
import { majorAmount } from "../money.ts";
import type { PlanDefinition } from "../plan.ts";
import { includedQuantityOf } from "../rate-card.ts";
import type { AlertBasis, AlertKind, AlertRule, AlertSeverity } from "./alert-rule.ts";
import type { AlertLimit } from "./derived-rules.ts";

/** One threshold of one rule, as a number to compare with. */
export type AlertTarget = {
  ruleId: string;
  kind: AlertKind;
  basis: AlertBasis;
  /** Null: the bill's total. */
  meterKey: string | null;
  limit: AlertLimit | null;
  /** Names the threshold within its rule. */
  thresholdKey: string;
  percent: Decimal;
  /** Units of the meter, or with `isMoney` major units of the customer's currency. */
  basisValue: Decimal;
  thresholdValue: Decimal;
  isMoney: boolean;
  severity: AlertSeverity;
};

/** What rules are measured against, as it is now. */
export type AlertBases = { plan: PlanDefinition | null; limits: readonly AlertLimit[] };

const HUNDRED = decimal("100");
/** From here on a customer is warned; below it is told. */
const WARNING_PERCENT = decimal("80");

/** The thresholds of the rules that are enabled and have something to be measured against; none of DROP and SPIKE. */
export function alertTargets(rules: readonly AlertRule[], bases: AlertBases): AlertTarget[] {
  return rules.filter((rule) => rule.enabled && rule.basis !== "PATTERN").flatMap((rule) => targetsOf(rule, bases));
}

function targetsOf(rule: AlertRule, bases: AlertBases): AlertTarget[] {
  const basis = basisOf(rule, bases);
  if (basis === null) return [];
  return rule.percents.map((percent) => ({
    ruleId: rule.id,
    kind: rule.kind,
    basis: rule.basis,
    meterKey: basis.limit === null ? rule.meterKey : basis.limit.meterKey,
    limit: basis.limit,
    thresholdKey: `${formatDecimal(percent)} %`,
    percent,
    basisValue: basis.value,
    thresholdValue: basis.value.times(percent).div(HUNDRED),
    isMoney: basis.isMoney,
    severity: severityOf(rule, percent, basis.limit),
  }));
}

type Basis = { value: Decimal; isMoney: boolean; limit: AlertLimit | null };

/** Null where there is nothing to be measured against: no allowance on this plan, a limit that has ended. */
function basisOf(rule: AlertRule, { plan, limits }: AlertBases): Basis | null {
  switch (rule.basis) {
    case "ALLOWANCE": {
      const card = plan?.rateCards.find((one) => one.meterKey === rule.meterKey);
      const value = card === undefined ? ZERO : includedQuantityOf(card);
      return value.gt(ZERO) ? { value, isMoney: false, limit: null } : null;
    }
    case "LIMIT": {
      const limit = limits.find((one) => one.id === rule.limitId) ?? null;
      // A share of nothing is nothing; that usage is refused from the first unit needs no alert.
      return limit === null || limit.value.lte(ZERO) ? null : { value: limit.value, isMoney: limit.isMoney, limit };
    }
    case "UNITS":
      return rule.quantity === null ? null : { value: rule.quantity, isMoney: false, limit: null };
    case "MONEY":
      return rule.amount === null ? null : { value: majorAmount(rule.amount), isMoney: true, limit: null };
    case "PATTERN":
      return null;
  }
}

function severityOf(rule: AlertRule, percent: Decimal, limit: AlertLimit | null): AlertSeverity {
  if (rule.kind === "FORECAST") return "WARNING";
  if (limit?.policy === "HARD" && percent.gte(HUNDRED)) return "CRITICAL";
  return percent.gte(WARNING_PERCENT) ? "WARNING" : "INFO";
}

/** Whether a threshold is crossed: reaching it is crossing it. */
export function isCrossed(target: AlertTarget, value: Decimal): boolean {
  return value.gte(target.thresholdValue);
}

/** An earlier alert of a threshold in the period. */
export type FiredAlert = { ruleId: string; thresholdKey: string; basisValue: Decimal; generation: number };

/**
 * The generation under which a crossed threshold is raised, or null where it has been: once a period, and again only
 * when what it is measured against has been raised since. Lowering it re-arms nothing.
 */
export function generationToRaise(
  target: Pick<AlertTarget, "ruleId" | "thresholdKey" | "basisValue">,
  fired: readonly FiredAlert[],
): number | null {
  const earlier = fired.filter((one) => one.ruleId === target.ruleId && one.thresholdKey === target.thresholdKey);
  if (earlier.some((one) => one.basisValue.gte(target.basisValue))) return null;
  return earlier.length;
}
