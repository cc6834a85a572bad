import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

type Statement = { customerId: string; statementId: string };

/** When the invoice of a statement was last read again; null for never. */
export async function invoiceCheckedAt(sql: Sql, of: Statement): Promise<EpochMs | null> {
  const [row] = await sql.query<{ checked_at: Date }>(
    "SELECT checked_at FROM invoice_check WHERE customer_id = $1 AND statement_id = $2",
    [of.customerId, of.statementId],
  );
  return row?.checked_at.getTime() ?? null;
}

/** Keeps that it was read again. */
export async function saveInvoiceCheck(sql: Sql, of: Statement & { now: EpochMs }): Promise<void> {
  await sql.query(
    `INSERT INTO invoice_check (customer_id, statement_id, checked_at) VALUES ($1, $2, $3)
     ON CONFLICT (customer_id, statement_id) DO UPDATE SET checked_at = EXCLUDED.checked_at`,
    [of.customerId, of.statementId, new Date(of.now)],
  );
}
