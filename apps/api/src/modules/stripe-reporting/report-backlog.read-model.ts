import { type EpochMs, OLDEST_EVENT_MS, type ReportState, SAFE_REPEAT_MS } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";

/** What waits. Counts stop at 100,001: past that the exact number helps nobody, and counting would cost. */
export type ReportBacklog = {
  counts: { state: ReportState; count: number }[];
  /** How long the report that is due longest has been due; 0 where none is. */
  lagMs: number;
  oldestDueAt: EpochMs | null;
  /** The earliest instants at which something that waits would pass a deadline; null where nothing waits. */
  identifierDeadlineAt: EpochMs | null;
  timestampDeadlineAt: EpochMs | null;
};

const most = 100_001;
const counted = (where: string) =>
  `(SELECT count(*)::integer FROM (SELECT FROM meter_report WHERE ${where} LIMIT ${most}) s)`;

/** Reads it along the small partial indexes, whatever the number of reports. */
export async function reportBacklog(sql: Sql, now: EpochMs): Promise<ReportBacklog> {
  const [row] = await sql.query<BacklogRow>(
    `SELECT ${counted("state = 'PENDING'")} AS pending, ${counted("state = 'SENDING'")} AS sending,
       ${counted("state = 'UNCERTAIN'")} AS uncertain,
       ${counted("state = 'DEAD' AND replaced_by IS NULL")} AS dead,
       ${counted("state = 'REFUSED' AND replaced_by IS NULL")} AS refused,
       (SELECT min(next_attempt_at) FROM meter_report WHERE state = 'PENDING') AS oldest_due_at,
       (SELECT min(u.doubtful_since) FROM (
          SELECT doubtful_since FROM meter_report WHERE state IN ('PENDING','SENDING','UNCERTAIN') LIMIT ${most}
        ) u) AS doubtful_since,
       (SELECT min(u.event_at) FROM (
          SELECT event_at FROM meter_report WHERE state IN ('PENDING','SENDING','UNCERTAIN') LIMIT ${most}
        ) u) AS event_at`,
    [],
    "report_backlog",
  );
  const oldestDueAt = row?.oldest_due_at?.getTime() ?? null;
  return {
    counts: [
      { state: "PENDING", count: row?.pending ?? 0 },
      { state: "SENDING", count: row?.sending ?? 0 },
      { state: "UNCERTAIN", count: row?.uncertain ?? 0 },
      { state: "DEAD", count: row?.dead ?? 0 },
      { state: "REFUSED", count: row?.refused ?? 0 },
    ],
    lagMs: oldestDueAt === null ? 0 : Math.max(0, now - oldestDueAt),
    oldestDueAt,
    identifierDeadlineAt: row?.doubtful_since ? row.doubtful_since.getTime() + SAFE_REPEAT_MS : null,
    timestampDeadlineAt: row?.event_at ? row.event_at.getTime() + OLDEST_EVENT_MS : null,
  };
}

/** How many lines (customer, meter, period) have something that cannot be told any more, of periods of 70 days. */
export async function untoldLines(sql: Sql, now: EpochMs): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM (
       SELECT FROM meter_report_total WHERE refusal IS NOT NULL AND period_end > $1 LIMIT 1000
     ) s`,
    [instantText(now - 2 * OLDEST_EVENT_MS)],
  );
  return row?.count ?? 0;
}

type BacklogRow = {
  pending: number;
  sending: number;
  uncertain: number;
  dead: number;
  refused: number;
  oldest_due_at: Date | null;
  doubtful_since: Date | null;
  event_at: Date | null;
};
