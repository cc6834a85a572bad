import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { processLocks, withProcessLock } from "./process-lock.ts";

/** One file of sql/migrations. */
export type Migration = { name: string; sql: string; checksum: string };

/** A merged migration was edited, or one is missing: start-up stops and says which. */
export class MigrationError extends Error {}

/** Reads the migrations of a folder in the order of their numbers. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(directory, name), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

/** Which migrations remain, once those applied have been checked against their files. */
export function migrationsToApply(
  migrations: readonly Migration[],
  applied: ReadonlyMap<string, string>,
): { ok: true; pending: Migration[] } | { ok: false; message: string } {
  const last = [...applied.keys()].toSorted().at(-1) ?? "";
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum !== undefined && checksum !== migration.checksum)
      return {
        ok: false,
        message: `Migration ${migration.name} was edited after it was applied. Put it back and write a new migration.`,
      };
    if (checksum === undefined && migration.name < last)
      return {
        ok: false,
        message: `Migration ${migration.name} comes before ${last}, which is applied. Give it a higher number.`,
      };
  }
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = [...applied.keys()].find((name) => !known.has(name));
  if (unknown !== undefined)
    return {
      ok: false,
      message: `The database has migration ${unknown}, which this version does not know. Start the newer version.`,
    };
  return { ok: true, pending: migrations.filter((migration) => !applied.has(migration.name)) };
}

/** Applies what is pending, each in its own transaction; answers their names. Safe to call from several processes at once. */
export async function migrate(databaseUrl: string, directory: string): Promise<string[]> {
  const migrations = await readMigrations(directory);
  return withProcessLock(databaseUrl, processLocks.migrate, async (client) => {
    await client.query(
      `CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL)`,
    );
    const applied = await client.query<{ name: string; checksum: string }>(
      "SELECT name, checksum FROM schema_migration",
    );
    const plan = migrationsToApply(migrations, new Map(applied.rows.map((row) => [row.name, row.checksum])));
    if (!plan.ok) throw new MigrationError(plan.message);
    for (const migration of plan.pending) await applyOne(client, migration);
    return plan.pending.map((migration) => migration.name);
  });
}

async function applyOne(client: Client, migration: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(migration.sql);
    await client.query("INSERT INTO schema_migration (name, checksum, applied_at) VALUES ($1, $2, clock_timestamp())", [
      migration.name,
      migration.checksum,
    ]);
    await client.query("COMMIT");
  } catch (error) {
    // A broken connection cannot roll back; the server has done so.
    await client.query("ROLLBACK").catch(() => undefined);
    throw new MigrationError(
      `Migration ${migration.name} failed: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
