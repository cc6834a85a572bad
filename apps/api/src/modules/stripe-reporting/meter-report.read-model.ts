import type { EpochMs, ReportChannel, ReportState } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";
import { type MeterReport, type MeterReportColumns, mapMeterReport, reportColumns } from "./meter-report.record.ts";

/** A report with the end of its period. */
export type ShownReport = MeterReport & { periodEndAt: EpochMs };

/** Reports of one customer, meter and period, latest first; after a sequence of a channel, for the next page. */
export async function linePage(
  sql: Sql,
  of: {
    customerId: string;
    meterId: string;
    channel: ReportChannel;
    periodStartAt: EpochMs;
    before: number | null;
    limit: number;
  },
): Promise<ShownReport[]> {
  const rows = await sql.query<ShownColumns>(
    `SELECT ${reportColumns}, c.period_end FROM meter_report r JOIN meter_report_total c USING (customer_id, meter_id, channel, period_start)
     WHERE r.customer_id = $1 AND r.meter_id = $2 AND r.channel = $3 AND r.period_start = $4
       AND ($5::integer IS NULL OR r.sequence < $5)
     ORDER BY r.sequence DESC LIMIT $6`,
    [of.customerId, of.meterId, of.channel, instantText(of.periodStartAt), of.before, of.limit],
    "meter_report_line_page",
  );
  return rows.map(mapShown);
}

/** What needs a person, or may soon: dead letters, refused ones, uncertain ones; by the time of the last change. */
export async function attentionPage(
  sql: Sql,
  of: { states: readonly ReportState[]; customerId: string | null; limit: number; after: readonly string[] | null },
): Promise<ShownReport[]> {
  const rows = await sql.query<ShownColumns>(
    `SELECT ${reportColumns}, c.period_end FROM meter_report r JOIN meter_report_total c USING (customer_id, meter_id, channel, period_start)
     WHERE r.state = ANY ($1::text[]) AND r.state IN ('DEAD','REFUSED','UNCERTAIN') AND r.replaced_by IS NULL
       AND ($2::uuid IS NULL OR r.customer_id = $2)
       AND ($3::timestamptz IS NULL OR (r.created_at, r.customer_id, r.meter_id, r.sequence) > ($3, $4, $5, $6))
     ORDER BY r.created_at, r.customer_id, r.meter_id, r.sequence LIMIT $7`,
    [of.states, of.customerId, ...(of.after ?? [null, null, null, null]), of.limit],
    "meter_report_attention_page",
  );
  return rows.map(mapShown);
}

/** One report. */
export async function findShownReport(sql: Sql, key: MeterReportKey): Promise<ShownReport | null> {
  const [row] = await sql.query<ShownColumns>(
    `SELECT ${reportColumns}, c.period_end FROM meter_report r JOIN meter_report_total c USING (customer_id, meter_id, channel, period_start)
     WHERE r.customer_id = $1 AND r.meter_id = $2 AND r.channel = $3 AND r.period_start = $4 AND r.sequence = $5`,
    [key.customerId, key.meterId, key.channel, instantText(key.periodStartAt), key.sequence],
    "meter_report_by_key",
  );
  return row === undefined ? null : mapShown(row);
}

type MeterReportKey = Pick<MeterReport, "customerId" | "meterId" | "channel" | "periodStartAt" | "sequence">;
type ShownColumns = MeterReportColumns & { period_end: Date };

function mapShown(row: ShownColumns): ShownReport {
  return { ...mapMeterReport(row), periodEndAt: row.period_end.getTime() };
}
