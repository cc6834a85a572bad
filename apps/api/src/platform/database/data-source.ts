import type { Pool, PoolClient } from "pg";
import { DataSource, type DataSourceOptions } from "typeorm";
import { durableSession } from "./durability.ts";

/** How to reach the database. */
export type DatabaseSettings = {
  url: string;
  /** The most connections this process opens. */
  poolSize: number;
  /** A statement that runs longer is cancelled, in milliseconds. */
  statementTimeoutMs: number;
  /** How long a request waits for a free connection, in milliseconds. */
  connectTimeoutMs: number;
};

type EntityClasses = Exclude<DataSourceOptions["entities"], undefined>;

/** TypeORM's data source on `pg`. The schema is made by SQL migrations only; TypeORM never alters it. */
export function createDataSource(
  settings: DatabaseSettings,
  entities: EntityClasses,
  onPoolError: (error: Error) => void,
): DataSource {
  return new DataSource({
    type: "postgres",
    url: settings.url,
    applicationName: "meterline",
    entities,
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    logging: false,
    poolErrorHandler: onPoolError,
    extra: {
      max: settings.poolSize,
      connectionTimeoutMillis: settings.connectTimeoutMs,
      idleTimeoutMillis: 30_000,
      statement_timeout: settings.statementTimeoutMs,
      // A transaction that stands idle holds locks that others wait for.
      idle_in_transaction_session_timeout: settings.statementTimeoutMs,
      keepAlive: true,
      options: durableSession,
    },
  });
}

/** How the connections of a data source are made, for a pool beside it. */
export function connectionSettingsOf(dataSource: DataSource): { connectionString: string } & Record<string, unknown> {
  const { url, extra } = dataSource.options as { url: string; extra: Record<string, unknown> };
  return { ...extra, connectionString: url, application_name: "meterline" };
}

/** The `pg` pool under a data source, for the libraries that bring their own SQL (sign-in, jobs). */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}

/**
 * Listens to every connection that is checked out: an error event that nobody listens to ends the process, and some
 * libraries on the pool do not listen. At each checkout, because the first connection is older than the caller's reach.
 */
export function surviveBrokenConnections(pool: Pool, onError: (error: Error) => void): void {
  const heard = new WeakSet<object>();
  const hear = (client: PoolClient) => {
    if (heard.has(client)) return;
    heard.add(client);
    client.on("error", onError);
  };
  pool.on("connect", hear);
  pool.on("acquire", hear);
}
