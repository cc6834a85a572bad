import {
  customerPeriodsBetween,
  type EpochMs,
  OLDEST_EVENT_MS,
  type PlanTerm,
  type Window,
} from "@meterline/billing-domain";
import type { Transaction } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";
import type { ReportLine } from "./meter-report.record.ts";

const maxPeriods = 20_000;
/** No period is longer than three years; a report planned for one lies at most so far behind its start. */
const longestPeriod = "1200 days";

/**
 * A customer's billing periods were cut differently: gives every line that is touched the sum of the reports that Stripe
 * was told within it. Stripe counts by timestamp, so a report belongs to the period that its timestamp is in, and the
 * planner makes up the difference of both. In the transaction of the change, under the customer's exclusive lock.
 */
export async function recutReports(
  transaction: Transaction,
  customerId: string,
  terms: readonly PlanTerm[],
  now: EpochMs,
): Promise<void> {
  // Locked, so that a planner that is under way is done, or sees that its cursor has moved.
  const cursors = await transaction.query<CursorRow>(
    `SELECT meter_id, channel, period_start, period_end FROM meter_report_total
     WHERE customer_id = $1 AND period_end > $2 AND period_end > period_start
     ORDER BY period_start, meter_id, channel FOR UPDATE`,
    [customerId, instantText(now - OLDEST_EVENT_MS)],
  );
  const [first] = cursors;
  if (first === undefined) return;
  const lastEnd = Math.max(...cursors.map((row) => row.period_end.getTime()));
  const periods = customerPeriodsBetween(terms, first.period_start.getTime(), lastEnd, maxPeriods);
  const windows = new Map(periods.map(({ window }) => [window.startAt, window]));
  const stale = cursors.filter((row) => windows.get(row.period_start.getTime())?.endAt !== row.period_end.getTime());
  for (const group of Map.groupBy(stale, (row) => `${row.meter_id} ${row.channel}`).values()) {
    const touched = touchedWindows(group, [...windows.values()]);
    for (const row of group) {
      if (!windows.has(row.period_start.getTime())) await retire(transaction, lineOf(customerId, row));
    }
    const [{ meter_id: meterId, channel }] = group as [CursorRow];
    for (const window of touched) {
      await recut(transaction, { customerId, meterId, channel, periodStartAt: window.startAt }, window, now);
    }
  }
}

/** The windows that now lie where the stale ones lay. */
function touchedWindows(stale: readonly CursorRow[], windows: readonly Window[]): Window[] {
  return windows.filter((window) =>
    stale.some((row) => row.period_start.getTime() < window.endAt && row.period_end.getTime() > window.startAt),
  );
}

/** A line whose period is no more keeps its reports, and stands for nothing. */
async function retire(transaction: Transaction, line: ReportLine): Promise<void> {
  await transaction.query(
    `UPDATE meter_report_total SET period_end = period_start, planned_total = 0, seen = 'gone', is_recut = true,
       untold = 0, refusal = NULL, version = version + 1
     WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start = $4`,
    [line.customerId, line.meterId, line.channel, instantText(line.periodStartAt)],
  );
}

async function recut(transaction: Transaction, line: ReportLine, window: Window, now: EpochMs): Promise<void> {
  await transaction.query(
    `WITH told AS (
       SELECT CASE WHEN bool_or(mode = 'VALUE') THEN (array_agg(total_after ORDER BY event_at DESC, sequence DESC))[1]
           ELSE sum(delta) END AS planned,
         max(event_at) AS last_event_at
       FROM meter_report
       WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND replaced_by IS NULL
         AND period_start > $4::timestamptz - interval '${longestPeriod}' AND period_start < $5
         AND event_at >= $4 AND event_at < $5
     ), taken AS (
       SELECT coalesce(max(sequence), 0) AS last FROM meter_report
       WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start = $4
     )
     INSERT INTO meter_report_total AS c (customer_id, meter_id, channel, period_start, period_end, planned_total,
       last_sequence, last_event_at, version, seen, is_recut, planned_at)
     SELECT $1, $2, $3, $4, $5, coalesce(told.planned, 0), taken.last, told.last_event_at, 1, '', true, $6
     FROM told, taken
     ON CONFLICT (customer_id, meter_id, channel, period_start) DO UPDATE SET
       period_end = excluded.period_end, planned_total = excluded.planned_total, last_event_at = excluded.last_event_at,
       last_sequence = greatest(c.last_sequence, excluded.last_sequence), version = c.version + 1, seen = '',
       is_recut = true, refusal = NULL, untold = 0`,
    [
      line.customerId,
      line.meterId,
      line.channel,
      instantText(window.startAt),
      instantText(window.endAt),
      instantText(now),
    ],
  );
}

type CursorRow = { meter_id: string; channel: ReportLine["channel"]; period_start: Date; period_end: Date };

function lineOf(customerId: string, row: CursorRow): ReportLine {
  return { customerId, meterId: row.meter_id, channel: row.channel, periodStartAt: row.period_start.getTime() };
}
