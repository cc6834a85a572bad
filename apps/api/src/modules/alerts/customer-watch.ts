import {
  type Aggregation,
  type AlertRule,
  type AlertTarget,
  type Decimal,
  decimal,
  type EpochMs,
  isCrossed,
  maxDecimal,
  ONE,
  type Window,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { MeterRow } from "../catalog/index.ts";
import type { NewUsageEvent, PeriodStanding } from "../usage/index.ts";
import type { CustomerAlertRules } from "./alert-rules.ts";
import type { AlertCandidate } from "./raise-alerts.ts";

/** What a process knows of a customer whose usage it records; see UsageWatch. */
export type CustomerWatch = {
  customerId: string;
  currency: string;
  billingVersion: number;
  loadedAt: EpochMs;
  /** The open billing period; everything here is of it. */
  period: Window;
  meters: ReadonlyMap<string, MeterWatch>;
  /** Thresholds of limits, by the limit's id. */
  limitTargets: ReadonlyMap<string, readonly AlertTarget[]>;
  /** Those that this process has raised, by rule, threshold and window. */
  raisedLimits: Set<string>;
  /** How soon after usage the customer is evaluated; null where it has no rules. */
  evaluateEveryMs: number | null;
  /** Until then an evaluation that usage asked for is still to come. */
  markedUntil: EpochMs;
};

/** A meter with thresholds in units over the billing period. */
export type MeterWatch = {
  meterId: string;
  aggregation: Aggregation;
  /** Not raised yet, as far as this process knows; the lowest first. */
  open: AlertTarget[];
  /** About where the total stands: never less than what this process has seen; null before it has seen anything. */
  reached: Decimal | null;
  syncedAt: EpochMs;
};

/** Rules of money and of other windows are judged soon after usage, the others from time to time. */
const soonMs = 1_000;
const laterMs = 300_000;

/** How soon after usage rules must be evaluated; null of none. */
export function evaluateEveryMs(rules: readonly AlertRule[], targets: readonly AlertTarget[]): number | null {
  const pattern = rules.some((rule) => rule.enabled && rule.basis === "PATTERN");
  if (targets.length === 0 && !pattern) return null;
  const soon = targets.some((target) => target.kind !== "FORECAST" && !isSeenInTotals(target));
  return soon ? soonMs : laterMs;
}

/** Whether the period's total alone tells that a threshold is crossed, so that recording usage can. */
export function isSeenInTotals({ kind, isMoney, limit }: AlertTarget): boolean {
  if (kind === "FORECAST" || isMoney) return false;
  return limit === null || (limit.span === "PERIOD" && limit.propertyValue === null);
}

/** What is known of a customer once its rules were read. */
export function watchOf(of: {
  own: CustomerAlertRules;
  targets: readonly AlertTarget[];
  meters: readonly MeterRow[];
  period: Window;
  at: EpochMs;
  fired: ReadonlyMap<string, Decimal>;
}): CustomerWatch {
  const { profile, rules } = of.own;
  const byKey = new Map(of.meters.map((meter) => [meter.definition.key, meter]));
  const meters = new Map<string, MeterWatch>();
  for (const target of of.targets.filter(isSeenInTotals)) {
    const meter = byKey.get(target.meterKey ?? "");
    // Levels are not in the totals; their thresholds are left to the evaluation.
    if (meter === undefined || meter.definition.aggregation === "WEIGHTED_SUM") continue;
    const against = of.fired.get(
      firedKey({ ...target, customerId: profile.customerId, periodStartAt: of.period.startAt }),
    );
    if (against?.gte(target.basisValue)) continue;
    const watch = meters.get(meter.id) ?? {
      meterId: meter.id,
      aggregation: meter.definition.aggregation,
      open: [],
      reached: null,
      syncedAt: 0,
    };
    watch.open.push(target);
    meters.set(meter.id, watch);
  }
  for (const watch of meters.values()) {
    watch.open.sort((left, right) => left.thresholdValue.cmp(right.thresholdValue));
  }
  return {
    customerId: profile.customerId,
    currency: profile.currency,
    billingVersion: profile.billingVersion,
    loadedAt: of.at,
    period: of.period,
    meters,
    limitTargets: Map.groupBy(
      of.targets.filter((target) => target.limit !== null && target.kind !== "FORECAST"),
      (target) => target.limit?.id ?? "",
    ),
    raisedLimits: new Set(),
    evaluateEveryMs: evaluateEveryMs(rules, of.targets),
    markedUntil: 0,
  };
}

/** About where the total stands with one more event; null stays null. Errs upwards: a look too many costs little. */
export function reachedBy(meter: MeterWatch, event: NewUsageEvent): Decimal | null {
  const { reached } = meter;
  if (reached === null) return null;
  switch (meter.aggregation) {
    case "SUM":
      return reached.plus(event.quantity);
    case "MAX":
    case "LATEST":
      return maxDecimal(reached, event.quantity);
    default:
      return reached.plus(ONE);
  }
}

/** The thresholds that the events of a group may have crossed: all of them where nothing is known of the total. */
export function candidatesOf(meter: MeterWatch, watch: CustomerWatch, now: EpochMs): AlertCandidate[] {
  const { reached } = meter;
  const near = reached === null ? meter.open : meter.open.filter((target) => isCrossed(target, reached));
  return near.map((target) => candidateOf(target, meter, watch, now));
}

/** One threshold of a meter, to be looked at in the total. */
export function candidateOf(
  target: AlertTarget,
  meter: MeterWatch,
  watch: CustomerWatch,
  crossedAt: EpochMs,
): AlertCandidate {
  return {
    customerId: watch.customerId,
    target,
    meterId: meter.meterId,
    aggregation: meter.aggregation,
    currency: watch.currency,
    period: watch.period,
    crossedAt,
    value: null,
    expected: null,
  };
}

/** What a total measures, or null where it has no value. */
export function standingValue(aggregation: Aggregation, standing: PeriodStanding): Decimal | null {
  switch (aggregation) {
    case "SUM":
      return decimal(standing.quantitySum);
    case "COUNT":
      return decimal(standing.eventCount);
    case "MAX":
      return standing.quantityMax === null ? null : decimal(standing.quantityMax);
    case "LATEST":
      return standing.latestQuantity === null ? null : decimal(standing.latestQuantity);
    case "UNIQUE_COUNT":
      return decimal(standing.uniqueCount);
    case "WEIGHTED_SUM":
      return null;
  }
}

type FiredKey = { customerId: string; ruleId: string; thresholdKey: string; periodStartAt: EpochMs };

function firedKey({ customerId, ruleId, thresholdKey, periodStartAt }: FiredKey): string {
  return `${customerId} ${ruleId} ${periodStartAt} ${thresholdKey}`;
}

/** What thresholds were raised of periods that have not ended: against how much, by {@link firedKey}. */
export async function firedThresholds(
  sql: Sql,
  customerIds: readonly string[],
  at: EpochMs,
): Promise<Map<string, Decimal>> {
  const rows = await sql.query<FiredRow>(
    `SELECT customer_id, rule_id, threshold_key, period_start, max(basis_value) AS basis_value
     FROM alert WHERE customer_id = ANY ($1::uuid[]) AND period_end > $2 GROUP BY 1, 2, 3, 4`,
    [customerIds, new Date(at)],
    "fired_thresholds",
  );
  return new Map(
    rows.map((row) => [
      firedKey({
        customerId: row.customer_id,
        ruleId: row.rule_id,
        thresholdKey: row.threshold_key,
        periodStartAt: row.period_start.getTime(),
      }),
      decimal(row.basis_value),
    ]),
  );
}

type FiredRow = {
  customer_id: string;
  rule_id: string;
  threshold_key: string;
  period_start: Date;
  basis_value: string;
};
