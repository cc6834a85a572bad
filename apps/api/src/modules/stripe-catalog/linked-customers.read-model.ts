import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** Ids of customers that Stripe has, and has not deleted, after an id and in order: a page of all of them. */
export async function linkedCustomersAfter(sql: Sql, after: string | null, limit: number): Promise<string[]> {
  const rows = await sql.query<{ customer_id: string }>(
    `SELECT customer_id FROM stripe_customer
     WHERE stripe_customer_id IS NOT NULL AND deleted_at IS NULL AND ($1::uuid IS NULL OR customer_id > $1)
     ORDER BY customer_id LIMIT $2`,
    [after, limit],
    "linked_customers_after",
  );
  return rows.map((row) => row.customer_id);
}

/** Since when a customer is billed through Stripe, as far as we wanted it; null where it is not linked. */
export async function customerLinkedAt(sql: Sql, customerId: string): Promise<EpochMs | null> {
  const [row] = await sql.query<{ linked_at: Date }>("SELECT linked_at FROM stripe_customer WHERE customer_id = $1", [
    customerId,
  ]);
  return row?.linked_at.getTime() ?? null;
}
