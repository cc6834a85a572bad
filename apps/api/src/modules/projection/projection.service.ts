import {
  addMoney,
  type EpochMs,
  type ForecastUsage,
  forecastPeriod,
  MOST_USUAL_HOURS,
  negateMoney,
  type PeriodForecast,
  ZERO,
} from "@meterline/billing-domain";
import { readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import type { AlertFacts, ProjectedPeriod } from "../alerts/index.ts";
import type { BillingProfile, MeterRow, Meters } from "../catalog/index.ts";
import type { ConsumptionService, ConsumptionView } from "../rating/index.ts";
import { type ProjectedAmounts, projectedAmounts } from "./projected-amounts.ts";
import { hourlyUsage, usageHistory } from "./usage-history.read-model.ts";

/** A customer's open period as it stands, and what it is expected to come to. */
export type Projected = ProjectedPeriod & {
  view: ConsumptionView;
  money: ProjectedAmounts | null;
  meters: ReadonlyMap<string, MeterRow>;
  now: EpochMs;
};

/** What projecting stands on. */
export type ProjectionDependencies = {
  database: Database;
  clock: Clock;
  meters: Meters;
  consumption: ConsumptionService;
};

/** Forecasts what customers will have used, and will owe, when their billing period ends. */
export class ProjectionService implements AlertFacts {
  readonly #on: ProjectionDependencies;

  constructor(dependencies: ProjectionDependencies) {
    this.#on = dependencies;
  }

  /** The open period of a customer that the viewer may see. */
  async projection(viewer: Viewer, profile: BillingProfile): Promise<Projected> {
    const meters = await this.#on.meters.all();
    return readAs(this.#on.database, viewer, (sql) => this.#project(sql, profile.customerId, meters));
  }

  async billed(customerId: string, at: EpochMs) {
    const meters = await this.#on.meters.all();
    return this.#on.database.snapshot(async (sql) =>
      billedOf(await this.#on.consumption.consumptionIn(sql, customerId, { at, meters })),
    );
  }

  async projected(customerId: string): Promise<Projected> {
    const meters = await this.#on.meters.all();
    return this.#on.database.snapshot((sql) => this.#project(sql, customerId, meters));
  }

  async hourly(profile: BillingProfile, meterKey: string, at: EpochMs): Promise<readonly ForecastUsage[]> {
    const meter = (await this.#on.meters.find([meterKey])).get(meterKey);
    if (meter === undefined) return [];
    return this.#on.database.snapshot((sql) => hourlyUsage(sql, { profile, meter, now: at }, MOST_USUAL_HOURS));
  }

  async #project(sql: Sql, customerId: string, all: readonly MeterRow[]): Promise<Projected> {
    const now = this.#on.clock.now();
    const view = await this.#on.consumption.consumptionIn(sql, customerId, { at: now, meters: all });
    const { profile, period, usages, meters } = view;
    const forecasts = new Map<string, PeriodForecast>();
    for (const [key, usage] of usages) {
      const meter = meters.get(key);
      if (meter === undefined) continue;
      const history = await usageHistory(sql, { profile, meter, now });
      forecasts.set(
        key,
        forecastPeriod({
          ...history,
          aggregation: meter.definition.aggregation,
          period: period.window,
          now,
          timeZone: profile.timeZone,
          used: usage.quantity ?? ZERO,
        }),
      );
    }
    const late = addMoney(view.total, negateMoney(view.bill.total));
    const money =
      period.term === null ? null : projectedAmounts({ plan: period.term.plan, period, usages, forecasts, late });
    const nothing: PeriodForecast = { low: ZERO, expected: ZERO, high: ZERO, path: [], method: "SO_FAR", daysKnown: 0 };
    return {
      ...billedOf(view),
      view,
      meters,
      now,
      forecasts,
      money,
      total: money?.total ?? nothing,
      amounts: money?.amounts ?? new Map(),
    };
  }
}

/** A bill as alerts judge it: what is late counts, since it is paid with the rest. */
function billedOf({ profile, period, bill, total, usages }: ConsumptionView) {
  return { profile, period, bill: { lines: bill.lines, total }, usages };
}
