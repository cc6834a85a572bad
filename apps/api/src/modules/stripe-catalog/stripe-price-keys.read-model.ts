import type { Sql } from "../../platform/database/index.ts";

/** What Stripe prices are for: a meter's key, or null for a base fee. Prices that are none of ours are left out. */
export async function meterKeysOfPrices(sql: Sql, priceIds: readonly string[]): Promise<Map<string, string | null>> {
  if (priceIds.length === 0) return new Map();
  const rows = await sql.query<{ price: string; key: string | null }>(
    `SELECT p.stripe_price_id AS price, m.key FROM stripe_price p LEFT JOIN meter m ON m.id = p.meter_id
     WHERE p.stripe_price_id = ANY ($1::text[])`,
    [priceIds],
  );
  return new Map(rows.map((row) => [row.price, row.key]));
}
