import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort, openCluster, stopLeftoverServer } from "@meterline/local-postgres";
import { createDatabase, dropDatabase, makeTemplate, type TestDatabaseOptions } from "./databases.ts";
import type { TestDatabase } from "./test-database.ts";

const FOLDER_PREFIX = "meterline-test-";

/** A PostgreSQL server of its own, with the durable settings of production, in a temporary folder. */
export interface TestPostgres {
  /** Address of the maintenance database as superuser, for what an ordinary owner may not do. */
  readonly adminUrl: string;
  /** The same database as the owner of every test database. */
  readonly ownerUrl: string;
  readonly port: number;
  /** A database of its own on this server. */
  createDatabase(options?: TestDatabaseOptions): Promise<TestDatabase>;
  /** SIGKILL to the server and its children: what a crash leaves behind stays as it is. */
  killPostgres(): Promise<void>;
  /** Starts it again on the same port and data; recovery runs as after a crash. */
  restartPostgres(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server, with the migrated template made. For a suite that kills it; others share one: `createTestDatabase`. */
export async function startTestPostgres(): Promise<TestPostgres> {
  await removeAbandoned();
  const folder = mkdtempSync(path.join(tmpdir(), FOLDER_PREFIX));
  writeFileSync(path.join(folder, "owner.pid"), String(process.pid));
  const secret = randomBytes(12).toString("hex");
  const port = await freePort();
  const cluster = openCluster({
    directory: path.join(folder, "postgres"),
    port,
    logFile: path.join(folder, "postgres.log"),
    credentials: { adminPassword: secret, ownerPassword: secret },
    settings: { shared_buffers: "64MB", max_connections: "300" },
  });
  await cluster.initialise();
  await cluster.start();
  const server = { adminUrl: cluster.adminUrl("postgres"), ownerUrl: cluster.url("postgres") };
  await cluster.ensureDatabase("meterline");
  await makeTemplate(server);
  return {
    ...server,
    port,
    createDatabase: async (options = {}) => {
      const name = await createDatabase(server, options);
      return { name, url: cluster.url(name), adminUrl: cluster.adminUrl(name), drop: () => dropDatabase(server, name) };
    },
    killPostgres: () => cluster.kill(),
    restartPostgres: () => cluster.start(),
    stop: async () => {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Servers of test runs that were killed: they would run, and keep their folder, for ever. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const folder = path.join(tmpdir(), name);
    if (ownerLives(folder)) continue;
    await stopLeftoverServer(path.join(folder, "postgres"));
    rmSync(folder, { recursive: true, force: true });
  }
}

function ownerLives(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(path.join(folder, "owner.pid"), "utf8")), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
