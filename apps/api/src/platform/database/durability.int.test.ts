import { createTestDatabase, type TestDatabase } from "@meterline/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDataSource } from "./data-source.ts";
import { Database } from "./database.ts";
import { NotDurableError, requireDurable } from "./durability.ts";

let made: TestDatabase;
beforeAll(async () => {
  made = await createTestDatabase();
  await onDatabase(made.url, (database) => database.query(`ALTER DATABASE ${made.name} SET synchronous_commit = off`));
});
afterAll(() => made.drop());

async function onDatabase<T>(url: string, fn: (database: Database) => Promise<T>): Promise<T> {
  const settings = { url, poolSize: 2, statementTimeoutMs: 20_000, connectTimeoutMs: 10_000 };
  const database = new Database(await createDataSource(settings, [], () => undefined).initialize());
  return fn(database).finally(() => database.close());
}

const show = { name: "show", text: "SELECT current_setting('synchronous_commit')", values: [] };

test("our sessions commit to disk, pipelined ones too, where the database's default is not to", async () => {
  await onDatabase(made.url, async (database) => {
    expect(await requireDurable(database)).toEqual([]);
    expect(await database.pipelined.runAtOnce([show])).toEqual([[["on"]]]);
  });
});

test("an address whose options turn it off is refused", async () => {
  const url = `${made.url}?options=-c%20synchronous_commit%3Doff`;
  await expect(onDatabase(url, requireDurable)).rejects.toThrow(NotDurableError);
});
