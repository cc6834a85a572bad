import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";

const TEMPLATE = "meterline_template";
const MIGRATIONS = path.resolve(import.meta.dirname, "../../../apps/api/sql/migrations");
const OWNER = "meterline";

/** How to reach a server: as superuser and as the role that owns the databases. */
export interface ServerUrls {
  adminUrl: string;
  ownerUrl: string;
}

/** What a test's database holds at first. */
export interface TestDatabaseOptions {
  /** True: no tables at all, for a test of the migrations themselves. */
  empty?: boolean;
}

/** Makes the database that the others are copied from, with every migration applied in order, as its owner. */
export async function makeTemplate(server: ServerUrls): Promise<void> {
  await onServer(server.adminUrl, (client) => client.query(`CREATE DATABASE ${TEMPLATE} OWNER ${OWNER}`));
  await onServer(withDatabase(server.ownerUrl, TEMPLATE), applyMigrations);
}

// Recorded as the API's own migration runner records them, so that an API started on a copy finds nothing to do.
async function applyMigrations(client: pg.Client): Promise<void> {
  await client.query(
    "CREATE TABLE schema_migration (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL)",
  );
  const names = readdirSync(MIGRATIONS).filter((name) => name.endsWith(".sql"));
  for (const name of names.toSorted()) {
    const sql = readFileSync(path.join(MIGRATIONS, name), "utf8");
    await client.query(sql);
    const checksum = createHash("sha256").update(sql).digest("hex");
    await client.query("INSERT INTO schema_migration VALUES ($1, $2, clock_timestamp())", [name, checksum]);
  }
}

/** Makes a database, migrated unless told otherwise, and answers its name. */
export async function createDatabase(server: ServerUrls, options: TestDatabaseOptions): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const template = options.empty ? "template0" : TEMPLATE;
  await onServer(server.adminUrl, (client) =>
    client.query(`CREATE DATABASE ${name} OWNER ${OWNER} TEMPLATE ${template}`),
  );
  return name;
}

/** Drops a database and ends the sessions on it. */
export async function dropDatabase(server: ServerUrls, name: string): Promise<void> {
  await onServer(server.adminUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
}

/** The same address with another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
