import {
  type AlertLimit,
  decimal,
  type LimitInForce,
  limitPeriodOf,
  limitScopeKey,
  warningsOf,
} from "@meterline/billing-domain";
import type { AlertLimits } from "../modules/alerts/index.ts";
import { type LimitReader, limitsHolding } from "../modules/limits/index.ts";

/** What alerts ask of limits, answered by the limits module. */
export function alertLimits(reader: LimitReader): AlertLimits {
  return {
    inForce: (profile, at) => limitsHolding(profile, { at, now: at }).map(({ limit }) => alertLimit(limit)),
    async standings(sql, profile, at) {
      const windows = new Map(limitsHolding(profile, { at, now: at }).map(({ limit, window }) => [limit.id, window]));
      return (await reader.list(profile, sql)).flatMap(({ limit, standing }) => {
        const window = windows.get(limit.id);
        return window === undefined ? [] : [{ limit: alertLimit(limit), used: standing.used, window }];
      });
    },
  };
}

const spans = { BILLING_PERIOD: "PERIOD", DAY: "DAY", HOUR: "HOUR", LIFETIME: "LIFETIME" } as const;

function alertLimit({ id, source, definition }: LimitInForce): AlertLimit {
  const warnings = warningsOf(definition).map(String);
  const percents = warnings.includes("100") ? warnings : [...warnings, "100"];
  return {
    id,
    scope: `${source} ${definition.policy} ${limitScopeKey(definition)}`,
    meterKey: definition.meterKey ?? null,
    policy: definition.policy,
    value: decimal(definition.quantity ?? definition.amount ?? "0"),
    isMoney: definition.amount !== undefined,
    span: spans[limitPeriodOf(definition)],
    propertyValue: definition.property?.value ?? null,
    percents: percents.map((percent) => decimal(percent)),
  };
}
