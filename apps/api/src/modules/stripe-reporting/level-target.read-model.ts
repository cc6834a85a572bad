import {
  customerPeriodAt,
  type Decimal,
  decimal,
  type EpochMs,
  type ReportChannel,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type BillingProfile, type Meters, selectProfiles } from "../catalog/index.ts";
import { instantText, measureLevels } from "../usage/index.ts";
import type { MeterRoute } from "./report-route.ts";
import { type CursorColumns, cursorOf, type ReportTarget } from "./report-target.read-model.ts";

/** Which levels to look at. */
export type LevelRequest = {
  customerIds: readonly string[];
  channel: ReportChannel;
  /** Of WEIGHTED_SUM meters only. */
  routes: readonly MeterRoute[];
  /** Totals of theirs that moved. */
  moved: readonly ReportTarget[];
  periodStartAt: EpochMs | null;
  now: EpochMs;
};

/** A level grows with time alone, so it is told once an hour, when an event changes it after the end, and at the end. */
const everyMs = 3_600_000;

/**
 * Targets of WEIGHTED_SUM meters: unit-hours up to now. They are measured one customer and meter at a time, because a level
 * that holds over from an earlier period has no row in this one.
 */
export class LevelTargets {
  readonly #meters: Meters;

  constructor(meters: Meters) {
    this.#meters = meters;
  }

  async due(sql: Sql, request: LevelRequest): Promise<ReportTarget[]> {
    if (request.routes.length === 0 || request.customerIds.length === 0) return [];
    const profiles = await selectProfiles(sql, { ids: request.customerIds, externalIds: [] });
    const cursors = await this.#cursors(sql, request);
    const frozenQuantities = await this.#frozen(sql, request);
    const targets: ReportTarget[] = [];
    for (const profile of profiles) {
      for (const window of windowsOf(profile, request)) {
        for (const { meterId } of request.routes) {
          const key = `${profile.customerId} ${meterId} ${window.startAt}`;
          const cursor = cursors.get(key) ?? cursorOf(noCursor);
          const moved = request.moved.find(
            (one) =>
              one.customerId === profile.customerId && one.meterId === meterId && one.window.startAt === window.startAt,
          );
          const isAsked = request.periodStartAt !== null;
          const isMovedAfterEnd = moved !== undefined && window.endAt <= request.now;
          if (!isAsked && !isMovedAfterEnd && !isDue(cursor.plannedAt, window, request.now)) continue;
          const meter = await this.#meters.withId(meterId);
          if (meter === null) continue;
          if (moved?.isFrozen === true) {
            targets.push({ ...moved, cursor });
            continue;
          }
          // A frozen period without a row of this meter came to nothing, whatever came later.
          const isFrozen = window.endAt <= (profile.frozenUntil ?? 0);
          const frozen = frozenQuantities.get(key) ?? (isFrozen ? ZERO : undefined);
          const elapsed = { startAt: window.startAt, endAt: Math.min(window.endAt, request.now) };
          const measured = frozen ?? (await measureLevels(sql, profile.customerId, meter, elapsed)).quantity;
          const target = measured ?? ZERO;
          if (cursor.version === 0 && moved === undefined && target.eq(ZERO)) continue;
          const { customerId } = profile;
          targets.push({
            customerId,
            meterId,
            channel: request.channel,
            window,
            target,
            seen: moved?.seen ?? null,
            isFrozen: frozen !== undefined,
            cursor,
          });
        }
      }
    }
    return targets;
  }

  /** Levels of frozen periods, which may have no usage total of their own. */
  async #frozen(sql: Sql, request: LevelRequest): Promise<Map<string, Decimal>> {
    const rows = await sql.query<{
      customer_id: string;
      meter_id: string;
      period_start: Date;
      quantity: string | null;
    }>(
      `SELECT customer_id, meter_id, period_start, quantity FROM frozen_usage
       WHERE customer_id = ANY ($1::uuid[]) AND meter_id = ANY ($2::uuid[]) AND period_start > $3`,
      [request.customerIds, request.routes.map((route) => route.meterId), instantText(request.now - 400 * 86_400_000)],
      "frozen_levels",
    );
    return new Map(
      rows.map((row) => [
        `${row.customer_id} ${row.meter_id} ${row.period_start.getTime()}`,
        decimal(row.quantity ?? "0"),
      ]),
    );
  }

  async #cursors(sql: Sql, request: LevelRequest) {
    const rows = await sql.query<LevelCursorRow>(
      `SELECT customer_id, meter_id, period_start, planned_total, last_sequence, last_event_at, version, planned_at
       FROM meter_report_total
       WHERE customer_id = ANY ($1::uuid[]) AND meter_id = ANY ($2::uuid[]) AND channel = $3 AND period_end > $4`,
      [
        request.customerIds,
        request.routes.map((route) => route.meterId),
        request.channel,
        instantText(request.now - 35 * 86_400_000),
      ],
      "level_cursors",
    );
    return new Map(
      rows.map((row) => [`${row.customer_id} ${row.meter_id} ${row.period_start.getTime()}`, cursorOf(row)]),
    );
  }
}

/** The period that runs and the one before it, as far as they are not historical; or the one that is asked for. */
function windowsOf(profile: BillingProfile, request: LevelRequest): Window[] {
  const wanted =
    request.periodStartAt === null
      ? customerPeriodAt(profile.subscriptions, request.now).window
      : customerPeriodAt(profile.subscriptions, request.periodStartAt).window;
  const windows = [wanted];
  if (request.periodStartAt === null) {
    windows.push(customerPeriodAt(profile.subscriptions, wanted.startAt - 1).window);
  }
  const liveFrom = Math.floor(profile.goLiveAt / 60_000) * 60_000;
  return windows.filter((window) => window.startAt >= liveFrom && window.startAt <= request.now);
}

/** Once an hour while the period runs, and once after its end. */
function isDue(plannedAt: EpochMs | null, window: Window, now: EpochMs): boolean {
  if (plannedAt === null) return true;
  return now >= window.endAt ? plannedAt < window.endAt : plannedAt <= now - everyMs;
}

const noCursor: CursorColumns = { planned_total: null, last_sequence: null, last_event_at: null, version: null };

type LevelCursorRow = CursorColumns & { customer_id: string; meter_id: string; period_start: Date };
