import { Client } from "pg";

/** What only one process at a time may do. Any numbers will do as long as every process uses the same ones. */
export const processLocks = { migrate: 7000, seed: 7004, jobs: 7005, reporting: 7006 } as const;

const connectTimeoutMs = 10_000;

/**
 * Runs `fn` while no other process on this database holds the lock, waiting for it as long as that one works. On a
 * connection of its own: it has no statement timeout, and the lock ends with it, also when this process is killed.
 */
export async function withProcessLock<T>(
  databaseUrl: string,
  lock: (typeof processLocks)[keyof typeof processLocks],
  fn: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: "meterline-start",
    connectionTimeoutMillis: connectTimeoutMs,
  });
  // A connection that breaks fails its statement, which is enough; an error event without a listener ends the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [lock]);
    return await fn(client);
  } finally {
    await client.end();
  }
}
