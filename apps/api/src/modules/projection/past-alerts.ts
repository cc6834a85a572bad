import {
  type AlertRule,
  type AlertTarget,
  customerPeriodAt,
  type Decimal,
  type EpochMs,
  expectedCrossing,
  firstReached,
  type ForecastUsage,
  forecastPeriod,
  grownUsage,
  localWindows,
  majorAmount,
  maxDecimal,
  MAX_HISTORY_DAYS,
  MOST_USUAL_HOURS,
  type PastStanding,
  rateBill,
  shareOfWindow,
  unusualUsage,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import type { PastAlerts, PastFirings } from "../alerts/index.ts";
import type { BillingProfile, MeterRow, Meters } from "../catalog/index.ts";
import type { ConsumptionService, ConsumptionView } from "../rating/index.ts";
import { hourlyUsage, usageBetween } from "./usage-history.read-model.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Hours that a drop or spike rule is tried on: the last two weeks of the period. */
const mostPatternHours = 14 * 24;

type Trial = { rule: AlertRule; targets: readonly AlertTarget[] };

/** Tries alert rules on the billing period before the open one. */
export class PastAlertService implements PastAlerts {
  readonly #on: { database: Database; clock: Clock; meters: Meters; consumption: ConsumptionService };

  constructor(on: { database: Database; clock: Clock; meters: Meters; consumption: ConsumptionService }) {
    this.#on = on;
  }

  async firedAt(profile: BillingProfile, trial: Trial): Promise<PastFirings> {
    const meters = await this.#on.meters.all();
    if (trial.rule.basis === "ALLOWANCE" && trial.targets.length === 0) {
      const reason = "The plan includes nothing of this meter, so there is nothing to tell yet.";
      return { period: null, firedAt: [], reason };
    }
    const open = customerPeriodAt(profile.subscriptions, this.#on.clock.now());
    const at = open.window.startAt - 1;
    return this.#on.database.snapshot(async (sql) => {
      const view = await this.#on.consumption.consumptionIn(sql, profile.customerId, { at, meters });
      const period = view.period.window;
      if (view.usages.size === 0)
        return { period, firedAt: [], reason: "Nothing was used in the billing period before." };
      const reason = reasonNotToTry(trial, view);
      if (reason !== null) return { period, firedAt: [], reason };
      return { period, firedAt: await firings(sql, view, trial), reason: null };
    });
  }
}

function reasonNotToTry({ rule, targets }: Trial, view: ConsumptionView): string | null {
  const limit = targets[0]?.limit;
  if (limit && (limit.span !== "PERIOD" || limit.propertyValue !== null))
    return "A limit of a shorter time or of one property value is not tried on past usage.";
  const meter = view.meters.get(rule.meterKey ?? "");
  if (meter?.definition.aggregation === "UNIQUE_COUNT")
    return "A number of distinct things is not tried on past usage.";
  const isMoney = targets[0]?.isMoney ?? false;
  if (isMoney && rule.kind === "FORECAST") return "A forecast of money is not tried on past usage.";
  if (isMoney && [...view.usages.values()].some((usage) => usage.events !== undefined))
    return "A bill that prices each event is not tried on past usage.";
  return null;
}

async function firings(sql: Sql, view: ConsumptionView, { rule, targets }: Trial): Promise<EpochMs[]> {
  const meter = view.meters.get(rule.meterKey ?? "");
  if (rule.basis === "PATTERN") return meter === undefined ? [] : unusualAt(sql, view, meter, rule.kind);
  if (rule.kind === "FORECAST") return meter === undefined ? [] : forecastAt(sql, view, meter, targets);
  const standings = targets[0]?.isMoney
    ? await amounts(sql, view, rule.meterKey)
    : meter === undefined
      ? []
      : await quantities(sql, view, meter);
  return targets.flatMap((target) => firstReached(standings, target.thresholdValue) ?? []);
}

/** Where a meter stood at the end of each local day of the period. */
async function quantities(sql: Sql, { profile, period }: ConsumptionView, meter: MeterRow): Promise<PastStanding[]> {
  const { startAt, endAt } = period.window;
  const days = await usageBetween(sql, { profile, meter }, { from: startAt, to: endAt, grain: "DAY" });
  const ends = dayEnds(period.window, profile.timeZone);
  let value = ZERO;
  return days.map((day, index) => {
    value = joined(meter, value, day.quantity);
    // Named by the day itself: what was reached during the 9th was reached on the 9th.
    return { at: (ends[index] ?? endAt) - 1, value };
  });
}

function joined(meter: MeterRow, value: Decimal, day: Decimal | null): Decimal {
  if (day === null) return value;
  switch (meter.definition.aggregation) {
    case "MAX":
      return maxDecimal(value, day);
    case "LATEST":
      return day;
    default:
      return value.plus(day);
  }
}

/** What the bill, or a line of it, had come to at the end of each local day. */
async function amounts(sql: Sql, view: ConsumptionView, meterKey: string | null): Promise<PastStanding[]> {
  const { term, window, full } = view.period;
  if (term === null) return [];
  const byMeter = new Map<string, PastStanding[]>();
  for (const key of view.usages.keys()) {
    const meter = view.meters.get(key);
    if (meter !== undefined && meter.definition.aggregation !== "UNIQUE_COUNT")
      byMeter.set(key, await quantities(sql, view, meter));
  }
  const periodShare = shareOfWindow(window, full);
  return dayEnds(window, view.profile.timeZone).map((endAt, index) => {
    const usages = [...view.usages].map(([key, usage]) => {
      const value = byMeter.get(key)?.[index]?.value;
      return [key, value === undefined ? usage : grownUsage(usage, value, endAt)] as const;
    });
    const bill = rateBill(term.plan, new Map(usages), { periodShare });
    const line = meterKey === null ? bill.total : bill.lines.find((one) => one.meterKey === meterKey)?.amount;
    return { at: endAt - 1, value: line === undefined ? ZERO : majorAmount(line) };
  });
}

/** The first day on which each threshold would have been forecast to be crossed. */
async function forecastAt(
  sql: Sql,
  view: ConsumptionView,
  meter: MeterRow,
  targets: readonly AlertTarget[],
): Promise<EpochMs[]> {
  const { profile, period } = view;
  const { startAt, endAt } = period.window;
  const from = startAt - MAX_HISTORY_DAYS * dayMs;
  const history = await usageBetween(sql, { profile, meter }, { from, to: endAt, grain: "DAY" });
  const standings = await quantities(sql, view, meter);
  return targets.flatMap((target) => {
    for (const standing of standings.slice(0, -1)) {
      const now = standing.at + 1;
      const days: ForecastUsage[] = history.filter((day) => day.startAt < now);
      const forecast = forecastPeriod({
        aggregation: meter.definition.aggregation,
        period: period.window,
        now,
        timeZone: profile.timeZone,
        used: standing.value,
        days,
        hours: [],
      });
      if (forecast.method === "SO_FAR") continue;
      const crossing = expectedCrossing(forecast, { threshold: target.thresholdValue, used: standing.value, now });
      if (crossing !== null) return [standing.at];
    }
    return [];
  });
}

async function unusualAt(
  sql: Sql,
  { profile, period }: ConsumptionView,
  meter: MeterRow,
  kind: AlertRule["kind"],
): Promise<EpochMs[]> {
  const endAt = Math.floor(period.window.endAt / hourMs) * hourMs;
  const hours = Math.min(mostPatternHours, Math.floor((endAt - period.window.startAt) / hourMs));
  const known = await hourlyUsage(sql, { profile, meter, now: endAt }, MOST_USUAL_HOURS + hours);
  const quantities = known.map((hour) => hour.quantity ?? ZERO);
  const fired: EpochMs[] = [];
  let restsUntil = 0;
  for (let index = 1; index <= hours; index += 1) {
    const at = endAt - (hours - index) * hourMs;
    if (at < restsUntil) continue;
    const end = quantities.length - (hours - index);
    const unusual = unusualUsage({ quantities: quantities.slice(Math.max(0, end - MOST_USUAL_HOURS), end), endAt: at });
    if (unusual === null || unusual.kind !== kind) continue;
    fired.push(at - 1);
    restsUntil = at + dayMs;
  }
  return fired;
}

function dayEnds(window: Window, timeZone: string): EpochMs[] {
  return localWindows({ from: window.startAt, to: window.endAt, grain: "DAY", timeZone }).map((day) => day.endAt);
}
