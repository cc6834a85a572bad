import type { Sql } from "../../platform/database/index.ts";

/** Advisory lock class shared with the catalog's billing changes: ingest holds it shared, a change exclusively. */
const lockClass = 7001;
const stripes = 64;

/** The lock stripe of a customer; customers share 64 stripes so that a transaction holds a bounded number of locks. */
export function usageLockStripe(customerId: string): number {
  return Number.parseInt(customerId.slice(0, 2), 16) & (stripes - 1);
}

/**
 * Locks customers for the rest of the transaction, in stripe order so that no two transactions wait for each other.
 * `exclusive` ones see no ingest until the transaction ends; it must be the transaction's first statement, because a
 * statement after it sees what was committed while it waited.
 */
export async function lockUsage(
  sql: Sql,
  customers: { shared: Iterable<string>; exclusive: Iterable<string> },
): Promise<void> {
  const exclusive = new Set([...customers.exclusive].map(usageLockStripe));
  const shared = new Set([...customers.shared].map(usageLockStripe));
  const all = [...new Set([...shared, ...exclusive])].sort((left, right) => left - right);
  if (all.length === 0) return;
  const calls = all.map(
    (stripe) => `pg_advisory_xact_lock${exclusive.has(stripe) ? "" : "_shared"}(${lockClass}, ${stripe})`,
  );
  await sql.query(`SELECT ${calls.join(", ")}`);
}
