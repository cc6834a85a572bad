import { type Decimal, ZERO } from "../decimal.ts";
import type { PlanDefinition } from "../plan.ts";
import { includedQuantityOf } from "../rate-card.ts";
import { ALERT_CHANNELS, type AlertRule, DEFAULT_PERCENTS } from "./alert-rule.ts";

/** A limit that is in force for a customer, as far as alerts care. */
export type AlertLimit = {
  id: string;
  /** What it bounds, the same for the limit that takes its place: so that a raised one is known to be that. */
  scope: string;
  /** Null: a limit on the money of the period's bill. */
  meterKey: string | null;
  policy: "HARD" | "SOFT" | "NOTIFY";
  /** Units of the meter, or major units of the customer's currency. */
  value: Decimal;
  isMoney: boolean;
  /** PERIOD: over the billing period, the only span that a forecast is made for. */
  span: "PERIOD" | "DAY" | "HOUR" | "LIFETIME";
  /** A limit of one property value only, such as "m-large"; null for the meter as a whole. */
  propertyValue: string | null;
  /** Where it wants to be warned of, in percent; the limit itself is always one of them. */
  percents: readonly Decimal[];
};

/** How a customer wants the derived rules: what is null or left out is as it comes. */
export type DerivedRuleSettings = { percents: readonly Decimal[] | null; forecast: boolean };

/** The name of a derived rule among a customer's; its id is made from it, so that it is the same in every process. */
export type DerivedRule = { name: string; rule: Omit<AlertRule, "id"> };

/**
 * The rules that nobody has to make: for each allowance of the plan and each limit its thresholds, and a forecast of
 * when the allowance or the limit of the period would be crossed, which is how one is warned before it costs.
 */
export function derivedAlertRules(
  plan: PlanDefinition | null,
  limits: readonly AlertLimit[],
  settings: DerivedRuleSettings,
): DerivedRule[] {
  const percents = settings.percents ?? DEFAULT_PERCENTS;
  const derived: DerivedRule[] = [];
  for (const card of plan?.rateCards ?? []) {
    if (includedQuantityOf(card).lte(ZERO)) continue;
    const on = { basis: "ALLOWANCE", meterKey: card.meterKey, limitId: null } as const;
    derived.push(thresholdRule(`allowance ${card.meterKey}`, on, percents));
    if (settings.forecast) derived.push(forecastRule(`allowance forecast ${card.meterKey}`, on));
  }
  for (const limit of limits) {
    const on = { basis: "LIMIT", meterKey: limit.meterKey, limitId: limit.id } as const;
    derived.push(thresholdRule(`limit ${limit.scope}`, on, settings.percents ?? limit.percents));
    if (settings.forecast && limit.span === "PERIOD" && limit.propertyValue === null) {
      derived.push(forecastRule(`limit forecast ${limit.scope}`, on));
    }
  }
  return derived;
}

type On = Pick<AlertRule, "basis" | "meterKey" | "limitId">;

const COMMON = {
  quantity: null,
  amount: null,
  name: null,
  source: "DEFAULT",
  channels: ALERT_CHANNELS,
  enabled: true,
  snoozedUntil: null,
} as const;

function thresholdRule(name: string, on: On, percents: readonly Decimal[]): DerivedRule {
  return { name, rule: { ...COMMON, ...on, kind: "THRESHOLD", percents } };
}

function forecastRule(name: string, on: On): DerivedRule {
  return { name, rule: { ...COMMON, ...on, kind: "FORECAST", percents: DEFAULT_PERCENTS.slice(-1) } };
}

/**
 * The rules in force: what is stored, and what is derived where no stored rule has taken its id. In a stable order:
 * derived ones as they come, then the others as stored.
 */
export function effectiveAlertRules(derived: readonly AlertRule[], stored: readonly AlertRule[]): AlertRule[] {
  const byId = new Map(stored.map((rule) => [rule.id, rule]));
  const first = derived.map((rule) => byId.get(rule.id) ?? rule);
  const taken = new Set(derived.map((rule) => rule.id));
  // A changed derived rule whose allowance or limit is gone has nothing left to be measured against.
  const others = stored.filter((rule) => !taken.has(rule.id) && rule.source !== "DEFAULT");
  return [...first, ...others];
}
