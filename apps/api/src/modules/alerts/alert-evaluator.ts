import {
  alertTargets,
  type AlertTarget,
  type EpochMs,
  localWindows,
  unusualUsage,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, SessionLocks } from "../../platform/database/index.ts";
import type { Nudging } from "../../platform/live/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { type WorkEnd, WorkRows } from "../../platform/work/index.ts";
import { type MeterRow, type Meters, selectProfiles } from "../catalog/index.ts";
import type { AlertFacts } from "./alert-facts.ts";
import { type AlertLimits, type CustomerAlertRules, loadAlertRules } from "./alert-rules.ts";
import { crossedNow, crossedSoon, patternCandidate } from "./evaluation.ts";
import { type AlertCandidate, raiseAlerts } from "./raise-alerts.ts";

/** What evaluating stands on. `onRaised` hears that there are new alerts to be told of. */
export type AlertEvaluatorDependencies = {
  database: Database;
  locks: SessionLocks;
  clock: Clock;
  logger: Logger;
  meters: Meters;
  limits: AlertLimits;
  facts: AlertFacts;
  nudges: Nudging;
  onRaised(customerIds: Iterable<string>): void;
};

/** Tells its locks from those of other tables. */
const evaluationLockClass = 7051;
const concurrency = 4;
/** A customer is looked at once more so much later: what a transaction had not committed yet is there then. */
const settleMs = 30_000;
/** Forecasts change slowly and cost most. */
const forecastEveryMs = 15 * 60_000;
/** Silence writes no usage, and levels grow without any: who waits for those looks by the clock. */
const clockEveryMs = 15 * 60_000;
const hourMs = 3_600_000;
const retryDelaysMs = [1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000, 3_600_000, 3_600_000];

/**
 * Judges the rules that recording usage alone cannot: money, forecasts, drops and spikes, limits of other windows, and
 * whatever of the rest was missed. Usage asks for it by a row in its own transaction, so a crash loses none.
 */
export class AlertEvaluator {
  readonly work: WorkRows;
  readonly #on: AlertEvaluatorDependencies;

  constructor(dependencies: AlertEvaluatorDependencies) {
    this.#on = dependencies;
    this.work = new WorkRows(dependencies, {
      name: "alert_evaluation",
      keyColumn: "customer_id",
      lockName: "customer_id",
      lockClass: evaluationLockClass,
      work: (customerId) => this.#evaluateDue(customerId),
      retryDelaysMs,
      concurrency,
    });
  }

  /** Evaluates a customer now; answers the ids of the alerts that were raised. */
  async evaluate(customerId: string, of: { forecasts: boolean }): Promise<string[]> {
    const own = await this.#rulesOf(customerId);
    return own === null ? [] : this.#raise(own, of);
  }

  /** One due row: judged, then told when it is to be looked at next. */
  async #evaluateDue(customerId: string): Promise<WorkEnd> {
    const { database, clock } = this.#on;
    const startedAt = clock.now();
    const [row] = await database.query<{ settle: boolean; forecast_at: Date | null }>(
      // Before anything is read: what asks again from now on, usage or a rule that wants a forecast, is not overwritten below.
      `UPDATE alert_evaluation e SET settle = false, forecast_at = CASE WHEN e.forecast_at > $2 THEN e.forecast_at END
       FROM alert_evaluation before
       WHERE e.customer_id = $1 AND before.customer_id = $1 RETURNING before.settle, e.forecast_at`,
      [customerId, new Date(startedAt - forecastEveryMs)],
    );
    const own = await this.#rulesOf(customerId);
    if (row === undefined || own === null) return { state: "WAITING", note: null };
    const targets = alertTargets(own.rules, own);
    const hasForecasts = targets.some((target) => target.kind === "FORECAST");
    const forecasts = hasForecasts && startedAt - (row.forecast_at?.getTime() ?? 0) >= forecastEveryMs;
    await this.#raise(own, { forecasts });
    const byClock =
      own.rules.some((rule) => rule.enabled && rule.basis === "PATTERN") || (await this.#hasLevels(targets));
    const next = nextLook({ startedAt, settle: row.settle, byClock });
    await database.query(
      `UPDATE alert_evaluation SET
         forecast_at = CASE WHEN $3 AND forecast_at IS NULL THEN $4 ELSE forecast_at END,
         due_at = CASE WHEN settle THEN LEAST($2::timestamptz, due_at) ELSE $2 END,
         attempts = CASE WHEN $2::timestamptz IS NULL AND NOT settle THEN attempts ELSE 0 END
       WHERE customer_id = $1`,
      [customerId, next === null ? null : new Date(next), forecasts, new Date(startedAt)],
    );
    return { state: "WAITING", note: null };
  }

  async #hasLevels(targets: readonly AlertTarget[]): Promise<boolean> {
    const meters = await this.#on.meters.find(targets.flatMap((target) => target.meterKey ?? []));
    return [...meters.values()].some((meter) => meter.definition.aggregation === "WEIGHTED_SUM");
  }

  async #rulesOf(customerId: string): Promise<CustomerAlertRules | null> {
    const { database, clock, meters, limits } = this.#on;
    // As stored: what was changed a moment ago is why it is evaluated.
    const profiles = await selectProfiles(database, { ids: [customerId], externalIds: [] });
    const [own] = await loadAlertRules(database, { profiles, meters: await meters.all(), at: clock.now(), limits });
    return own ?? null;
  }

  async #raise(own: CustomerAlertRules, of: { forecasts: boolean }): Promise<string[]> {
    const { database, clock, facts, limits, nudges } = this.#on;
    const now = clock.now();
    const { customerId } = own.profile;
    const targets = alertTargets(own.rules, own);
    const meters = new Map((await this.#on.meters.all()).map((meter) => [meter.definition.key, meter]));
    const candidates = await this.#unusual(own, meters, now);
    if (targets.length > 0) {
      const standings = targets.some((target) => target.limit !== null)
        ? await limits.standings(database, own.profile, now)
        : [];
      if (of.forecasts) {
        const billed = await facts.projected(customerId, now);
        candidates.push(...crossedNow(targets, { billed, standings, meters, now }));
        candidates.push(...crossedSoon(targets, { billed, meters, now }));
      } else {
        candidates.push(
          ...crossedNow(targets, { billed: await facts.billed(customerId, now), standings, meters, now }),
        );
      }
    }
    const raised = await raiseAlerts(database, candidates);
    if (raised.length > 0) {
      nudges.nudge([customerId]);
      this.#on.onRaised([customerId]);
    }
    return raised;
  }

  async #unusual(
    own: CustomerAlertRules,
    meters: ReadonlyMap<string, MeterRow>,
    now: EpochMs,
  ): Promise<AlertCandidate[]> {
    const candidates: AlertCandidate[] = [];
    for (const rule of own.rules) {
      const meter = meters.get(rule.meterKey ?? "");
      if (!rule.enabled || rule.basis !== "PATTERN" || meter === undefined) continue;
      const hours = await this.#on.facts.hourly(own.profile, meter.definition.key, now);
      const endAt = Math.floor(now / hourMs) * hourMs;
      const unusual = unusualUsage({ quantities: hours.map((hour) => hour.quantity ?? ZERO), endAt });
      if (unusual === null || unusual.kind !== rule.kind) continue;
      const billed = await this.#on.facts.billed(own.profile.customerId, now);
      candidates.push(patternCandidate(rule, unusual, { billed, meter, day: dayOf(now, own.profile.timeZone) }));
    }
    return candidates;
  }
}

/** When a customer is to be looked at next, if no usage asks for it before; null for not. */
function nextLook(of: { startedAt: EpochMs; settle: boolean; byClock: boolean }): EpochMs | null {
  if (of.settle) return of.startedAt + settleMs;
  return of.byClock ? of.startedAt + clockEveryMs : null;
}

function dayOf(at: EpochMs, timeZone: string): Window {
  const around = localWindows({ from: at - 36 * hourMs, to: at + 36 * hourMs, grain: "DAY", timeZone });
  return around.find((day) => day.startAt <= at && at < day.endAt) ?? { startAt: at, endAt: at + 24 * hourMs };
}
