import { reportIdentifier } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type MeterReportColumns, mapMeterReport, reportColumns } from "./meter-report.record.ts";

/** Identifiers of a customer's reports in a state, oldest first. */
export async function reportIdentifiers(sql: Sql, customerId: string, state: string): Promise<string[]> {
  const rows = await sql.query<MeterReportColumns>(
    `SELECT ${reportColumns} FROM meter_report r WHERE r.customer_id = $1 AND r.state = $2 ORDER BY r.sequence`,
    [customerId, state],
  );
  return rows.map((row) => reportIdentifier(mapMeterReport(row)));
}
