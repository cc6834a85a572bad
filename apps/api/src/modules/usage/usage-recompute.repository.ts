import type { EpochMs, Window } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import {
  deletePeriodTotals,
  deletePeriodUniqueValues,
  deleteRollups,
  deleteWindowUniqueValues,
  insertRecountedPeriodTotals,
  insertRecountedPeriodUniqueValues,
  insertRecountedRollups,
  insertRecountedWindowUniqueValues,
} from "./usage-recompute.sql.ts";
import { instantText } from "./usage-state.columns.ts";
import type { NamedStatement } from "./usage-write.sql.ts";

/** A rollup window of one meter. */
export type MeterWindow = { meterId: string; windowStartAt: EpochMs };

function run(sql: Sql, statement: NamedStatement, values: readonly (string | null | string[])[]): Promise<object[]> {
  return sql.query(statement.text, values, statement.name);
}

/** Writes windows of one customer anew from events. The caller holds the customer's exclusive usage lock. */
export async function recountWindows(sql: Sql, customerId: string, windows: readonly MeterWindow[]): Promise<void> {
  if (windows.length === 0) return;
  const values = [
    customerId,
    windows.map((window) => window.meterId),
    windows.map((window) => instantText(window.windowStartAt)),
  ];
  await run(sql, deleteRollups, values);
  await run(sql, insertRecountedRollups, values);
  await run(sql, deleteWindowUniqueValues, values);
  await run(sql, insertRecountedWindowUniqueValues, values);
}

/**
 * Writes the totals of billing periods anew from rollups (and from events where a period's edge cuts a window).
 * With `meterId` null every meter's; the caller holds the customer's exclusive usage lock.
 */
export async function recountPeriods(
  sql: Sql,
  customerId: string,
  meterId: string | null,
  periods: readonly Window[],
): Promise<void> {
  const starts = periods.map((period) => instantText(period.startAt));
  const ends = periods.map((period) => instantText(period.endAt));
  await run(sql, deletePeriodTotals, [customerId, meterId, starts]);
  await run(sql, deletePeriodUniqueValues, [customerId, meterId, starts]);
  await run(sql, insertRecountedPeriodUniqueValues, [customerId, meterId, starts, ends]);
  await run(sql, insertRecountedPeriodTotals, [customerId, meterId, starts, ends]);
}

/** Forgets every period total of a customer; for when the periods themselves change. */
export async function forgetPeriods(sql: Sql, customerId: string): Promise<void> {
  await run(sql, deletePeriodTotals, [customerId, null, null]);
  await run(sql, deletePeriodUniqueValues, [customerId, null, null]);
}

/** Forgets every rollup of a customer, those too that stand where no event is any more. */
export async function forgetWindows(sql: Sql, customerId: string): Promise<void> {
  await sql.query("DELETE FROM usage_rollup WHERE customer_id = $1", [customerId]);
  await sql.query("DELETE FROM usage_unique_value WHERE customer_id = $1 AND span = 'W'", [customerId]);
}

/** The first and (exclusive) the last instant with usage of a customer, or null: by index, at any number of events. */
export async function usageSpan(sql: Sql, customerId: string): Promise<Window | null> {
  const [row] = await sql.query<{ first: Date | null; last: Date | null }>(
    `SELECT min(e.first) AS first, max(e.last) AS last
     FROM meter m CROSS JOIN LATERAL (
       SELECT min(occurred_at) AS first, max(occurred_at) AS last FROM usage_event
       WHERE customer_id = $1 AND meter_id = m.id
     ) e`,
    [customerId],
  );
  return row?.first && row.last ? { startAt: row.first.getTime(), endAt: row.last.getTime() + 1 } : null;
}

/** Every window that holds usage of a customer, by meter: what a full recount goes over, at most `limit` at a time. */
export async function windowsWithUsage(
  sql: Sql,
  customerId: string,
  after: MeterWindow | null,
  limit: number,
): Promise<MeterWindow[]> {
  const rows = await sql.query<{ meter_id: string; window_start: Date }>(
    `SELECT DISTINCT meter_id, date_bin('15 minutes', occurred_at, '2000-01-01Z') AS window_start
     FROM usage_event
     WHERE customer_id = $1
       AND ($2::uuid IS NULL OR (meter_id, date_bin('15 minutes', occurred_at, '2000-01-01Z')) > ($2, $3::timestamptz))
     ORDER BY 1, 2 LIMIT $4`,
    [customerId, after?.meterId ?? null, after === null ? null : instantText(after.windowStartAt), limit],
  );
  return rows.map((row) => ({ meterId: row.meter_id, windowStartAt: row.window_start.getTime() }));
}
