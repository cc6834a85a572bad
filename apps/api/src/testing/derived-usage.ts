import type { Database, Sql } from "../platform/database/index.ts";
import { lockUsage, rebuildUsage } from "../modules/usage/index.ts";
import { BillingProfiles } from "../modules/catalog/index.ts";

/** Everything derived from a customer's events, as rows that compare. A row that counts nothing says nothing. */
export async function derivedUsage(sql: Sql, customerId: string): Promise<Record<string, object[]>> {
  const rollups = await sql.query(
    `SELECT m.key, r.window_start, r.dimension_key, r.event_count, trim_scale(r.quantity_sum)::text AS quantity_sum,
       trim_scale(r.quantity_max)::text AS quantity_max, trim_scale(r.latest_quantity)::text AS latest_quantity,
       r.latest_occurred_at, r.latest_received_at, trim_scale(r.first_quantity)::text AS first_quantity,
       r.first_occurred_at, trim_scale(r.level_area)::text AS level_area
     FROM usage_rollup r JOIN meter m ON m.id = r.meter_id WHERE r.customer_id = $1 AND r.event_count <> 0 ORDER BY 1, 2, 3`,
    [customerId],
  );
  const totals = await sql.query(
    `SELECT m.key, t.period_start, t.period_end, t.dimension_key, t.event_count,
       trim_scale(t.quantity_sum)::text AS quantity_sum, trim_scale(t.quantity_max)::text AS quantity_max,
       trim_scale(t.latest_quantity)::text AS latest_quantity, t.latest_occurred_at, t.latest_received_at, t.unique_count
     FROM usage_period_total t JOIN meter m ON m.id = t.meter_id WHERE t.customer_id = $1 AND t.event_count <> 0 ORDER BY 1, 2, 4`,
    [customerId],
  );
  const uniques = await sql.query(
    `SELECT m.key, u.span, u.span_start, u.dimension_key, u.value, u.event_count
     FROM usage_unique_value u JOIN meter m ON m.id = u.meter_id
     WHERE u.customer_id = $1 AND u.event_count <> 0 ORDER BY 1, 2, 3, 4, 5`,
    [customerId],
  );
  return { rollups, totals, uniques };
}

/** What a recount from events gives, without keeping it. */
export async function recountedUsage(database: Database, customerId: string): Promise<Record<string, object[]>> {
  const undo = new Error("the recount was only looked at");
  let recounted: Record<string, object[]> = {};
  try {
    await database.transaction(async (transaction) => {
      await lockUsage(transaction, { shared: [], exclusive: [customerId] });
      const [profile] = await new BillingProfiles(transaction).find([{ customerId, externalCustomerId: null }]);
      await transaction.query("DELETE FROM usage_rollup WHERE customer_id = $1", [customerId]);
      await transaction.query("DELETE FROM usage_unique_value WHERE customer_id = $1", [customerId]);
      await rebuildUsage(transaction, customerId, profile?.subscriptions ?? []);
      recounted = await derivedUsage(transaction, customerId);
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return recounted;
}
