import { type Decimal, type EpochMs, formatDecimal } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type Column, instantText, runColumns } from "../usage/index.ts";
import { lineKey, type MeterReport, type ReportLine } from "./meter-report.record.ts";
import { insertReports, moveCursors } from "./plan.sql.ts";

/** A cursor as it is to be. `version` is one more than what was read. */
export type CursorMove = ReportLine & {
  periodEndAt: EpochMs;
  planned: Decimal;
  lastSequence: number;
  lastEventAt: EpochMs | null;
  version: number;
  seen: string | null;
  refusal: string | null;
  untold: Decimal;
  plannedAt: EpochMs;
};

/** A report to be written. */
export type NewReport = Pick<
  MeterReport,
  | "customerId"
  | "meterId"
  | "channel"
  | "periodStartAt"
  | "sequence"
  | "kind"
  | "mode"
  | "delta"
  | "totalAfter"
  | "eventAt"
  | "transport"
  | "correctsSequence"
  | "createdAt"
>;

const instantOrNull = (at: EpochMs | null) => (at === null ? null : instantText(at));

const cursorColumns: readonly Column<CursorMove>[] = [
  { plain: (move) => move.customerId },
  { plain: (move) => move.meterId },
  { plain: (move) => move.channel },
  { plain: (move) => instantText(move.periodStartAt) },
  { plain: (move) => instantText(move.periodEndAt) },
  { plain: (move) => formatDecimal(move.planned) },
  { plain: (move) => move.lastSequence },
  { plain: (move) => instantOrNull(move.lastEventAt) },
  { plain: (move) => move.version },
  { text: (move) => move.seen },
  { plain: (move) => move.refusal },
  { plain: (move) => formatDecimal(move.untold) },
  { plain: (move) => instantText(move.plannedAt) },
];

const reportColumns: readonly Column<NewReport>[] = [
  { plain: (report) => report.customerId },
  { plain: (report) => report.meterId },
  { plain: (report) => report.channel },
  { plain: (report) => instantText(report.periodStartAt) },
  { plain: (report) => report.sequence },
  { plain: (report) => report.kind },
  { plain: (report) => report.mode },
  { plain: (report) => formatDecimal(report.delta) },
  { plain: (report) => formatDecimal(report.totalAfter) },
  { plain: (report) => instantText(report.eventAt) },
  { plain: (report) => report.transport },
  { plain: (report) => report.correctsSequence },
  { plain: (report) => instantText(report.createdAt) },
];

/** Moves cursors; answers the lines whose cursor was as it had been read. */
export async function moveReportCursors(sql: Sql, moves: readonly CursorMove[]): Promise<Set<string>> {
  const rows = await runColumns<CursorMove, MovedCursor>(sql, moveCursors, moves, cursorColumns);
  return new Set(
    rows.map((row) =>
      lineKey({
        customerId: row.customer_id,
        meterId: row.meter_id,
        channel: row.channel,
        periodStartAt: row.period_start.getTime(),
      }),
    ),
  );
}

/** Writes reports; in the transaction that moved their cursors. */
export async function writeReports(sql: Sql, reports: readonly NewReport[]): Promise<void> {
  await runColumns(sql, insertReports, reports, reportColumns);
}

type MovedCursor = { customer_id: string; meter_id: string; channel: ReportLine["channel"]; period_start: Date };
