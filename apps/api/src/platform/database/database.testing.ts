import { createTestDatabase } from "@meterline/testkit";
import { createDataSource } from "./data-source.ts";
import { Database } from "./database.ts";

/** A migrated database of the suite's own, with the pool that production uses, and the way to be rid of both. */
export async function openTestDatabase(
  entities: Parameters<typeof createDataSource>[1] = [],
): Promise<{ database: Database; url: string; close: () => Promise<void> }> {
  const made = await createTestDatabase();
  const settings = { url: made.url, poolSize: 10, statementTimeoutMs: 20_000, connectTimeoutMs: 10_000 };
  const dataSource = await createDataSource(settings, entities, () => undefined).initialize();
  const database = new Database(dataSource);
  const close = async () => {
    await database.close();
    await made.drop();
  };
  return { database, url: made.url, close };
}
