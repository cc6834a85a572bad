import { type EpochMs, eventTime, formatDecimal, isTooOld, type ReportState } from "@meterline/billing-domain";
import type { Transaction } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";
import type { MeterReport } from "./meter-report.record.ts";

/** What became of a replacement. */
export type Replacement =
  | { ok: true; sequence: number }
  /** CHANGED: somebody else settled or replaced it first. TOO_OLD: Stripe takes no usage of its period any more. */
  | { ok: false; code: "CHANGED" | "TOO_OLD" };

/**
 * Writes a new report that takes the place of one that did not arrive: the same quantity under a new name, at a time of the
 * same period that Stripe takes. What is planned in all stays as it was. With `to` the old one gets that state, too.
 */
export async function replaceReport(
  transaction: Transaction,
  report: MeterReport,
  how: { from: readonly ReportState[]; to: ReportState | null; now: EpochMs },
): Promise<Replacement> {
  const { customerId, meterId, channel, sequence, now } = { ...report, now: how.now };
  const pair = [customerId, meterId, channel];
  // The period that its timestamp is in, which is another than its own where periods were cut differently since.
  const [cursor] = await transaction.query<CursorRow>(
    `UPDATE meter_report_total SET last_sequence = last_sequence + 1, version = version + 1
     WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start <= $4 AND period_end > $4
     RETURNING last_sequence, period_start, period_end, planned_total`,
    [...pair, instantText(report.eventAt)],
  );
  if (cursor === undefined) throw new Error(`Invariant broken: a report without a total, ${pair.join(" ")}`);
  const window = { startAt: cursor.period_start.getTime(), endAt: cursor.period_end.getTime() };
  const eventAt = eventTime(window, now);
  if (isTooOld(eventAt, now)) return { ok: false, code: "TOO_OLD" };
  const replaced = await transaction.query(
    `UPDATE meter_report SET replaced_by = $6, state = coalesce($7, state), settled_at = $8
     WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start = $4 AND sequence = $5
       AND state = ANY ($9::text[]) AND replaced_by IS NULL
     RETURNING sequence`,
    [...pair, instantText(report.periodStartAt), sequence, cursor.last_sequence, how.to, instantText(now), how.from],
  );
  if (replaced.length === 0) return { ok: false, code: "CHANGED" };
  await transaction.query(
    `INSERT INTO meter_report (customer_id, meter_id, channel, period_start, sequence, kind, mode, delta, total_after,
       event_at, transport, state, next_attempt_at, corrects_sequence, created_at)
     VALUES ($1, $2, $3, $4, $5, 'REPAIR', $6, $7, $8, $9, $10, 'PENDING', $11, $12, $11)`,
    [
      ...pair,
      instantText(window.startAt),
      cursor.last_sequence,
      report.mode,
      formatDecimal(report.delta),
      cursor.planned_total,
      instantText(eventAt),
      report.transport,
      instantText(now),
      sequence,
    ],
  );
  return { ok: true, sequence: cursor.last_sequence };
}

type CursorRow = { last_sequence: number; period_start: Date; period_end: Date; planned_total: string };
