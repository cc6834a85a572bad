import { type EpochMs, freezableAt, nextPeriodToFreeze } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { BillingProfile } from "../catalog/index.ts";
import { instantText } from "../usage/index.ts";

/** Writes down when the customer's next period is to be frozen, so that the closing job finds it by time. */
export async function scheduleClosing(sql: Sql, profile: BillingProfile): Promise<EpochMs | null> {
  const next = nextPeriodToFreeze(profile);
  const dueAt = next === null ? null : freezableAt(next.window);
  await sql.query(
    `INSERT INTO closing_due (customer_id, due_at) VALUES ($1, $2)
     ON CONFLICT (customer_id) DO UPDATE SET due_at = EXCLUDED.due_at`,
    [profile.customerId, dueAt === null ? null : instantText(dueAt)],
  );
  return dueAt;
}

/** Customers with a period to freeze at `now`, the longest overdue first. */
export async function customersDue(sql: Sql, now: EpochMs, limit: number): Promise<string[]> {
  const rows = await sql.query<{ customer_id: string }>(
    "SELECT customer_id FROM closing_due WHERE due_at <= $1 ORDER BY due_at, customer_id LIMIT $2",
    [instantText(now), limit],
  );
  return rows.map((row) => row.customer_id);
}
