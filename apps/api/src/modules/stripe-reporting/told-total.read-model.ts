import { decimal, type EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";
import type { ReportLine } from "./meter-report.record.ts";
import type { ToldTotal } from "./meter-reporting.types.ts";

/** Where a line stands, with what a decision about it needs beyond what others see. */
export type LineStanding = ToldTotal & {
  /** Reports of which it is not known whether Stripe counted them: SENDING, UNCERTAIN, or PENDING after a lost answer. */
  inDoubt: number;
  version: number;
  lastSequence: number;
};

/**
 * Which reports `r` belong to a line `c`: those planned for it, or, where periods were cut differently since, those whose
 * timestamps lie in it.
 */
export const belongs = `r.period_start >= CASE WHEN c.is_recut THEN c.period_start - interval '1200 days' ELSE c.period_start END
      AND r.period_start <= CASE WHEN c.is_recut THEN c.period_end ELSE c.period_start END
      AND (NOT c.is_recut OR (r.event_at >= c.period_start AND r.event_at < c.period_end))`;

const selectLines = (where: string) => `
  SELECT c.meter_id, c.channel, c.planned_total, c.last_sequence, c.version, c.untold, c.refusal, x.*
  FROM meter_report_total c
  CROSS JOIN LATERAL (
    SELECT
      CASE WHEN bool_or(r.mode = 'VALUE')
        THEN (array_agg(r.total_after ORDER BY r.sequence DESC) FILTER (WHERE r.state IN ('ACCEPTED','CONFIRMED')))[1]
        ELSE sum(r.delta) FILTER (WHERE r.state IN ('ACCEPTED','CONFIRMED')) END AS told,
      sum(r.delta) FILTER (WHERE r.state = 'CONFIRMED') AS confirmed,
      count(*) FILTER (WHERE r.state IN ('PENDING','SENDING'))::integer AS pending,
      count(*) FILTER (WHERE r.state = 'UNCERTAIN')::integer AS uncertain,
      count(*) FILTER (WHERE r.state IN ('SENDING','UNCERTAIN')
        OR (r.state = 'PENDING' AND r.doubtful_since IS NOT NULL))::integer AS in_doubt,
      count(*) FILTER (WHERE r.state IN ('DEAD','REFUSED') AND r.replaced_by IS NULL)::integer AS dead,
      max(r.accepted_at) AS last_accepted_at
    FROM meter_report r
    WHERE r.customer_id = c.customer_id AND r.meter_id = c.meter_id AND r.channel = c.channel
      AND ${belongs}
  ) x
  WHERE ${where}`;

/** Where every meter of a billing period stands. */
export async function periodStandings(sql: Sql, customerId: string, periodStartAt: EpochMs): Promise<LineStanding[]> {
  const rows = await sql.query<LineRow>(
    `${selectLines("c.customer_id = $1 AND c.period_start = $2")} ORDER BY c.meter_id, c.channel`,
    [customerId, instantText(periodStartAt)],
    "period_report_standings",
  );
  return rows.map(mapLine);
}

/** Where one line stands; null where nothing was ever planned. */
export async function lineStanding(sql: Sql, line: ReportLine): Promise<LineStanding | null> {
  const rows = await sql.query<LineRow>(
    selectLines("c.customer_id = $1 AND c.meter_id = $2 AND c.channel = $3 AND c.period_start = $4"),
    [line.customerId, line.meterId, line.channel, instantText(line.periodStartAt)],
    "line_report_standing",
  );
  return rows[0] === undefined ? null : mapLine(rows[0]);
}

type LineRow = {
  meter_id: string;
  channel: ReportLine["channel"];
  planned_total: string;
  last_sequence: number;
  version: number;
  untold: string;
  refusal: string | null;
  told: string | null;
  confirmed: string | null;
  pending: number;
  uncertain: number;
  in_doubt: number;
  dead: number;
  last_accepted_at: Date | null;
};

function mapLine(row: LineRow): LineStanding {
  return {
    meterId: row.meter_id,
    channel: row.channel,
    planned: decimal(row.planned_total),
    told: decimal(row.told ?? "0"),
    confirmed: decimal(row.confirmed ?? "0"),
    pending: row.pending,
    uncertain: row.uncertain,
    dead: row.dead,
    lastAcceptedAt: row.last_accepted_at?.getTime() ?? null,
    untold: decimal(row.untold),
    refusal: row.refusal,
    inDoubt: row.in_doubt,
    version: row.version,
    lastSequence: row.last_sequence,
  };
}
