import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import { freePort, openCluster } from "@meterline/local-postgres";
import { createDatabase, dropDatabase, makeTemplate, type TestDatabaseOptions } from "./databases.ts";
import type { TestDatabase } from "./test-database.ts";
import { makeTestFolder } from "./test-folder.ts";

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

/**
 * Starts a server, with the migrated template made. For a suite that kills it; others share one: `createTestDatabase`.
 * `inMemory` keeps its data in memory where there is enough: the same settings, and no waiting for a disk.
 */
export async function startTestPostgres({ inMemory = false } = {}): Promise<TestPostgres> {
  const folder = await makeTestFolder({ inMemory });
  const secret = randomBytes(12).toString("hex");
  const port = await freePort();
  const cluster = openCluster({
    directory: path.join(folder, "postgres"),
    port,
    logFile: path.join(folder, "postgres.log"),
    credentials: { adminPassword: secret, ownerPassword: secret },
    settings: { shared_buffers: "64MB", max_connections: "300", ...(inMemory ? { max_wal_size: "512MB" } : {}) },
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
