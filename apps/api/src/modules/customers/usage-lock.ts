import type { PreparedStatement, Sql } from "../../platform/database/index.ts";

/** Advisory lock class shared with the catalog's billing changes: ingest holds it shared, a change exclusively. */
const lockClass = 7001;
const stripes = 64;

/** The lock stripe of a customer; customers share 64 stripes so that a transaction holds a bounded number of locks. */
export function usageLockStripe(customerId: string): number {
  return Number.parseInt(customerId.slice(0, 2), 16) & (stripes - 1);
}

/** Whose usage a transaction locks: `exclusive` customers see no ingest until it ends. */
export type UsageLock = { shared: Iterable<string>; exclusive: Iterable<string> };

/**
 * Locks customers for the rest of the transaction. It must come before the transaction's first statement that reads,
 * because only a statement after it sees what was committed while it waited.
 */
export async function lockUsage(sql: Sql, customers: UsageLock): Promise<void> {
  await sql.query(usageLockSql(customers));
}

/**
 * For a transaction that rebuilds what is derived, which takes its time where a customer has much: its statements may
 * run this long, whatever the pool's setting is.
 */
export const rebuildTimeoutSql = "SET LOCAL statement_timeout = '10min'";

/** The statement of {@link lockUsage}, without parameters. Stripes are in order, so that no two transactions deadlock. */
export function usageLockSql(customers: UsageLock): string {
  const exclusive = new Set<number>();
  for (const customerId of customers.exclusive) exclusive.add(usageLockStripe(customerId));
  const all = new Set(exclusive);
  for (const customerId of customers.shared) all.add(usageLockStripe(customerId));
  const calls = [...all]
    .sort((left, right) => left - right)
    .map((stripe) => `pg_advisory_xact_lock${exclusive.has(stripe) ? "" : "_shared"}(${lockClass}, ${stripe})`);
  return `SELECT ${calls.length === 0 ? "1" : calls.join(", ")}`;
}

/** Locks customers shared as {@link usageLockSql} does, as a statement that is prepared once and answers one row. */
export function sharedUsageLock(customerIds: Iterable<string>): PreparedStatement {
  const stripesOf = new Set<number>();
  for (const customerId of customerIds) stripesOf.add(usageLockStripe(customerId));
  const ordered = [...stripesOf].sort((left, right) => left - right);
  return {
    name: "lock_usage_shared",
    text: `SELECT count(pg_advisory_xact_lock_shared(${lockClass}, s)) FROM unnest($1::int[]) AS s`,
    values: [`{${ordered.join(",")}}`],
  };
}
