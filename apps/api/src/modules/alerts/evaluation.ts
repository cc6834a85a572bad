import {
  type AlertTarget,
  type CrossingBand,
  type Decimal,
  type EpochMs,
  expectedCrossing,
  isCrossed,
  majorAmount,
  type UnusualUsage,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { MeterRow } from "../catalog/index.ts";
import type { BilledPeriod, ProjectedPeriod } from "./alert-facts.ts";
import type { AlertLimitStanding } from "./alert-rules.ts";
import type { AlertCandidate } from "./raise-alerts.ts";

type Evaluated = { meters: ReadonlyMap<string, MeterRow>; now: EpochMs };

/** The thresholds that are crossed now, as candidates to raise; not of forecasts. */
export function crossedNow(
  targets: readonly AlertTarget[],
  of: Evaluated & { billed: BilledPeriod; standings: readonly AlertLimitStanding[] },
): AlertCandidate[] {
  return targets.flatMap((target) => {
    if (target.kind === "FORECAST") return [];
    const stands = standsAt(target, of.billed, of.standings);
    if (stands === null || !isCrossed(target, stands.value)) return [];
    return [candidate(target, { ...of, period: stands.window, value: stands.value, expected: null })];
  });
}

/** The forecast thresholds that are expected to be crossed before the period ends, and have not been. */
export function crossedSoon(
  targets: readonly AlertTarget[],
  of: Evaluated & { billed: ProjectedPeriod },
): AlertCandidate[] {
  return targets.flatMap((target) => {
    if (target.kind !== "FORECAST") return [];
    const forecast = forecastOf(target, of.billed);
    // With nothing to go by there is nothing to warn of.
    if (forecast === undefined || forecast.method === "SO_FAR") return [];
    const used = usedOf(target, of.billed);
    const expected = expectedCrossing(forecast, { threshold: target.thresholdValue, used, now: of.now });
    if (expected === null) return [];
    const { window } = of.billed.period;
    return [candidate(target, { ...of, period: window, value: forecast.expected, expected })];
  });
}

/** A spike or a drop, told once a day of the customer; its period is that day. */
export function patternCandidate(
  rule: { id: string },
  unusual: UnusualUsage,
  of: { billed: BilledPeriod; meter: MeterRow; day: Window },
): AlertCandidate {
  return {
    customerId: of.billed.profile.customerId,
    target: {
      ruleId: rule.id,
      kind: unusual.kind,
      basis: "PATTERN",
      meterKey: of.meter.definition.key,
      limit: null,
      thresholdKey: unusual.kind,
      percent: null,
      basisValue: unusual.usual,
      thresholdValue: unusual.usual,
      isMoney: false,
      severity: "WARNING",
    },
    meterId: of.meter.id,
    aggregation: null,
    currency: of.billed.profile.currency,
    period: of.day,
    crossedAt: unusual.endAt,
    value: unusual.value,
    expected: null,
  };
}

function standsAt(
  target: AlertTarget,
  billed: BilledPeriod,
  standings: readonly AlertLimitStanding[],
): { value: Decimal; window: Window } | null {
  if (target.limit === null) return { value: usedOf(target, billed), window: billed.period.window };
  const standing = standings.find((one) => one.limit.id === target.limit?.id);
  return standing === undefined ? null : { value: standing.used, window: standing.window };
}

/** Units of the meter, or money of its line or of the whole bill, in the billing period. */
function usedOf({ isMoney, meterKey }: AlertTarget, { bill, usages }: BilledPeriod): Decimal {
  if (!isMoney) return usages.get(meterKey ?? "")?.quantity ?? ZERO;
  if (meterKey === null) return majorAmount(bill.total);
  const line = bill.lines.find((one) => one.meterKey === meterKey);
  return line === undefined ? ZERO : majorAmount(line.amount);
}

function forecastOf({ isMoney, meterKey }: AlertTarget, projected: ProjectedPeriod) {
  if (!isMoney) return projected.forecasts.get(meterKey ?? "");
  return meterKey === null ? projected.total : projected.amounts.get(meterKey);
}

function candidate(
  target: AlertTarget,
  of: Evaluated & { billed: BilledPeriod; period: Window; value: Decimal; expected: CrossingBand | null },
): AlertCandidate {
  const { customerId, currency } = of.billed.profile;
  const meter = target.meterKey === null ? undefined : of.meters.get(target.meterKey);
  return {
    customerId,
    target,
    meterId: meter?.id ?? null,
    aggregation: null,
    currency,
    period: of.period,
    crossedAt: of.now,
    value: of.value,
    expected: of.expected,
  };
}
