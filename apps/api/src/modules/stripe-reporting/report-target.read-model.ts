import {
  type Aggregation,
  type Decimal,
  decimal,
  type EpochMs,
  emptyUsageState,
  measure,
  type ReportChannel,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";
import { selectMovedTotals } from "./plan.sql.ts";

/** What is planned so far of a line; version 0 where nothing ever was. */
export type ReportCursor = {
  planned: Decimal;
  lastSequence: number;
  lastEventAt: EpochMs | null;
  version: number;
  plannedAt: EpochMs | null;
};

/** What one meter of one customer's billing period comes to now, beside what is planned of it. */
export type ReportTarget = {
  customerId: string;
  meterId: string;
  channel: ReportChannel;
  window: Window;
  target: Decimal;
  /** The state of the usage total that the target was measured from. */
  seen: string | null;
  /** Written down for good, so that no measuring changes it. */
  isFrozen: boolean;
  cursor: ReportCursor;
};

/** Where nothing was planned. */
export const emptyCursor: ReportCursor = {
  planned: ZERO,
  lastSequence: 0,
  lastEventAt: null,
  version: 0,
  plannedAt: null,
};

/** Which totals to look at. */
export type TargetRequest = {
  customerIds: readonly string[];
  channel: ReportChannel;
  meterIds: readonly string[];
  /** Periods that ended at or before this are too old to be told. */
  endedAfter: EpochMs;
  /** Only this period, whether it moved or not. */
  periodStartAt: EpochMs | null;
  limit: number;
};

/**
 * Totals that moved since they were planned, each with its cursor, from one snapshot. Meters that `aggregationOf` answers
 * null for are left out. Of levels the target is zero here: they are measured apart (level-target.read-model.ts).
 */
export async function movedTargets(
  sql: Sql,
  request: TargetRequest,
  aggregationOf: (meterId: string) => Aggregation | null,
): Promise<{ targets: ReportTarget[]; isFull: boolean }> {
  const rows = await sql.query<MovedRow>(
    selectMovedTotals.text,
    [
      request.customerIds,
      instantText(request.endedAfter),
      request.channel,
      request.periodStartAt === null ? null : instantText(request.periodStartAt),
      request.meterIds,
      request.limit,
    ],
    selectMovedTotals.name,
  );
  const targets = rows.flatMap((row) => {
    const aggregation = aggregationOf(row.meter_id);
    return aggregation === null ? [] : [targetOf(row, request.channel, aggregation)];
  });
  return { targets, isFull: rows.length === request.limit };
}

function targetOf(row: MovedRow, channel: ReportChannel, aggregation: Aggregation): ReportTarget {
  const window = { startAt: row.period_start.getTime(), endAt: row.period_end.getTime() };
  return {
    customerId: row.customer_id,
    meterId: row.meter_id,
    channel,
    window,
    target: row.is_frozen
      ? decimal(row.frozen_quantity ?? "0")
      : aggregation === "WEIGHTED_SUM"
        ? ZERO
        : measured(row, aggregation, window),
    seen: row.seen,
    isFrozen: row.is_frozen,
    cursor: cursorOf(row),
  };
}

function measured(row: MovedRow, aggregation: Aggregation, window: Window): Decimal {
  const latest = row.latest_quantity === null ? null : decimal(row.latest_quantity);
  const state = {
    ...emptyUsageState(),
    eventCount: BigInt(row.event_count),
    quantitySum: decimal(row.quantity_sum),
    quantityMax: row.quantity_max === null ? null : decimal(row.quantity_max),
    // The total holds the latest value already; when it came decides nothing any more.
    latest: latest === null ? null : { quantity: latest, occurredAt: window.startAt, receivedAt: window.startAt },
  };
  const context = { window, levelBefore: null, uniqueCount: BigInt(row.unique_count) };
  // "No value" is billed as nothing, and told as nothing.
  return measure(aggregation, state, context) ?? ZERO;
}

/** The columns of a cursor, all NULL where there is none. */
export type CursorColumns = {
  planned_total: string | null;
  last_sequence: number | null;
  last_event_at: Date | null;
  version: number | null;
  planned_at?: Date | null;
};

/** A cursor from its columns. */
export function cursorOf(row: CursorColumns): ReportCursor {
  if (row.version === null) return emptyCursor;
  return {
    planned: decimal(row.planned_total ?? "0"),
    lastSequence: row.last_sequence ?? 0,
    lastEventAt: row.last_event_at?.getTime() ?? null,
    version: row.version,
    plannedAt: row.planned_at?.getTime() ?? null,
  };
}

type MovedRow = CursorColumns & {
  customer_id: string;
  meter_id: string;
  period_start: Date;
  period_end: Date;
  event_count: string;
  quantity_sum: string;
  quantity_max: string | null;
  latest_quantity: string | null;
  unique_count: string;
  is_frozen: boolean;
  frozen_quantity: string | null;
  seen: string;
};
