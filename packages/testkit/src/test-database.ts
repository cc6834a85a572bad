import { createDatabase, dropDatabase, type ServerUrls, type TestDatabaseOptions, withDatabase } from "./databases.ts";

/** A database of one suite. */
export interface TestDatabase {
  readonly name: string;
  /** Signs in as the databases' owner, which is no superuser: what production runs as. */
  readonly url: string;
  /** The same database as superuser. */
  readonly adminUrl: string;
  /** Drops it, ending every session on it. */
  drop(): Promise<void>;
}

declare module "vitest" {
  export interface ProvidedContext {
    meterlinePostgres: ServerUrls;
  }
}

/**
 * A fresh database with every migration applied, on the server that the whole test run shares. Call it in `beforeAll`
 * and `drop` it in `afterAll`. Only in the vitest project `int`, whose global set-up starts the server.
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  // Imported here, so that the benchmarks and Playwright can use the rest of this package without vitest.
  const { inject } = await import("vitest");
  const server = inject("meterlinePostgres");
  const name = await createDatabase(server, options);
  return {
    name,
    url: withDatabase(server.ownerUrl, name),
    adminUrl: withDatabase(server.adminUrl, name),
    drop: () => dropDatabase(server, name),
  };
}
