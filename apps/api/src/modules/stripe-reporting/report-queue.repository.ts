import type { EpochMs, ReportState } from "@meterline/billing-domain";
import type { Database } from "../../platform/database/index.ts";
import { type Column, instantText, runColumns } from "../usage/index.ts";
import { mapMeterReport, type MeterReport, type MeterReportColumns } from "./meter-report.record.ts";
import { claimReports, recoverReports, settleReports } from "./send.sql.ts";

/** How an attempt at a report ended. */
export type SettledAttempt = {
  report: MeterReport;
  state: ReportState;
  nextAttemptAt: EpochMs | null;
  doubtfulSince: EpochMs | null;
  settledAt: EpochMs | null;
  keyGeneration: number;
  failure: { class: string; code: string; message: string } | null;
};

/** The reports that wait, in the database. */
export class ReportQueue {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes up what is due; in the order in which it is to be told. */
  async claim(now: EpochMs, limit: number): Promise<MeterReport[]> {
    const rows = await this.#database.query<MeterReportColumns>(
      claimReports.text,
      [instantText(now), limit],
      claimReports.name,
    );
    return rows.map(mapMeterReport);
  }

  /** Writes down how attempts ended, in one statement. */
  async settle(attempts: readonly SettledAttempt[]): Promise<void> {
    await runColumns(this.#database, settleReports, attempts, settleColumns);
  }

  /** Puts back what was being sent when a process died; for a new leader, before anything else. */
  async recover(now: EpochMs): Promise<void> {
    await this.#database.query(recoverReports, [instantText(now)]);
  }
}

const instantOrNull = (at: EpochMs | null) => (at === null ? null : instantText(at));

const settleColumns: readonly Column<SettledAttempt>[] = [
  { plain: ({ report }) => report.customerId },
  { plain: ({ report }) => report.meterId },
  { plain: ({ report }) => report.channel },
  { plain: ({ report }) => instantText(report.periodStartAt) },
  { plain: ({ report }) => report.sequence },
  { plain: ({ report }) => report.attempts },
  { plain: (attempt) => attempt.state },
  { plain: (attempt) => instantOrNull(attempt.nextAttemptAt) },
  { plain: (attempt) => instantOrNull(attempt.doubtfulSince) },
  { plain: (attempt) => (attempt.state === "ACCEPTED" ? instantOrNull(attempt.settledAt) : null) },
  { plain: (attempt) => instantOrNull(attempt.settledAt) },
  { plain: (attempt) => attempt.keyGeneration },
  { plain: (attempt) => attempt.failure?.class ?? null },
  { text: (attempt) => attempt.failure?.code ?? null },
  { text: (attempt) => attempt.failure?.message ?? null },
];
