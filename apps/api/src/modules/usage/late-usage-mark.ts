import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { runColumns } from "./array-columns.ts";
import { instantText } from "./usage-state.columns.ts";
import type { NamedStatement } from "./usage-write.sql.ts";

/** Usage that came, or was taken back, after its billing period was frozen. */
export type LateUsage = { customerId: string; meterId: string; period: { startAt: EpochMs } };

const insertMarks: NamedStatement = {
  name: "mark_late_usage",
  text: `
    INSERT INTO late_usage_mark (customer_id, meter_id, period_start)
    SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING`,
};

/**
 * Notes which frozen periods have to be rated again, in the transaction that changes their usage. Only rating removes a
 * mark, under the customer's exclusive lock.
 */
export async function markLateUsage(sql: Sql, late: readonly LateUsage[]): Promise<void> {
  await runColumns(sql, insertMarks, late, [
    { plain: (one) => one.customerId },
    { plain: (one) => one.meterId },
    { plain: (one) => instantText(one.period.startAt) },
  ]);
}
