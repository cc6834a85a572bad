/** Advisory lock class of decisions by limits; 7001 locks usage, 7002 the catalog, 7003 combinations. */
const lockClass = 7004;

/**
 * The statement that lets one transaction at a time decide by the limits of these customers, until it ends. It comes
 * right behind the usage lock and before anything is read, so that every later statement sees what was decided before.
 * In order of key, and before any row is locked, so that no two transactions deadlock. Customers that share a key only
 * wait for each other.
 */
export function limitLockSql(customerIds: Iterable<string>): string {
  const keys = new Set<number>();
  for (const customerId of customerIds) keys.add(Number.parseInt(customerId.slice(0, 8), 16) | 0);
  const calls = [...keys]
    .sort((left, right) => left - right)
    .map((key) => `pg_advisory_xact_lock(${lockClass}, ${key})`);
  return `SELECT ${calls.length === 0 ? "1" : calls.join(", ")}`;
}
