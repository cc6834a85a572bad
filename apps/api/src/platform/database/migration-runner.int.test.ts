import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@meterline/testkit";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readConfig } from "../../config.ts";
import { isOutage } from "./database-error.ts";
import { MigrationError, migrate } from "./migration-runner.ts";

let database: TestDatabase;
let directory: string;

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  directory = await mkdtemp(join(tmpdir(), "meterline-migrations-"));
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const write = (name: string, sql: string) => writeFile(join(directory, name), sql);
const run = () => migrate(database.url, directory);

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("migrate", () => {
  test("applies each file once, in the order of their numbers, and no other file", async () => {
    await write("0002_fill.sql", "INSERT INTO thing VALUES (1)");
    await write("0001_make.sql", "CREATE TABLE thing (a int)");
    await write("notes.sql", "nonsense");
    expect(await run()).toEqual(["0001_make.sql", "0002_fill.sql"]);
    expect(await run()).toEqual([]);
    await write("0003_more.sql", "INSERT INTO thing VALUES (2)");
    expect(await run()).toEqual(["0003_more.sql"]);
    expect(await ask("SELECT a FROM thing ORDER BY a")).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test("an edited migration is refused by name, and nothing is applied", async () => {
    await write("0001_make.sql", "CREATE TABLE thing (a int)");
    await run();
    await write("0001_make.sql", "CREATE TABLE thing (a bigint)");
    await write("0002_more.sql", "CREATE TABLE more (a int)");
    await expect(run()).rejects.toThrow(
      new MigrationError(
        "Migration 0001_make.sql was edited after it was applied. Put it back and write a new migration.",
      ),
    );
    expect(await ask("SELECT to_regclass('more') AS found")).toEqual([{ found: null }]);
  });

  test("a migration in between and one that is gone are refused", async () => {
    await write("0002_make.sql", "CREATE TABLE thing (a int)");
    await run();
    await write("0001_late.sql", "CREATE TABLE late (a int)");
    await expect(run()).rejects.toThrow("0001_late.sql comes before 0002_make.sql");
    await rm(join(directory, "0001_late.sql"));
    await rm(join(directory, "0002_make.sql"));
    await expect(run()).rejects.toThrow("0002_make.sql, which this version does not know");
  });

  test("a migration that fails leaves nothing of itself, keeps those before it, and can be mended", async () => {
    await write("0001_make.sql", "CREATE TABLE thing (a int)");
    await write("0002_broken.sql", "CREATE TABLE half (a int); INSERT INTO nowhere VALUES (1)");
    await expect(run()).rejects.toThrow('Migration 0002_broken.sql failed: relation "nowhere" does not exist');
    expect(await ask("SELECT to_regclass('half') AS half, to_regclass('thing')::text AS thing")).toEqual([
      { half: null, thing: "thing" },
    ]);
    await write("0002_broken.sql", "CREATE TABLE half (a int)");
    expect(await run()).toEqual(["0002_broken.sql"]);
  });

  test("of eight processes that start at once, one applies and all go on", async () => {
    await write("0001_make.sql", "CREATE TABLE thing (a int); SELECT pg_sleep(0.2)");
    await write("0002_fill.sql", "INSERT INTO thing VALUES (1)");
    const applied = await Promise.all(Array.from({ length: 8 }, run));
    expect(applied.flat().toSorted()).toEqual(["0001_make.sql", "0002_fill.sql"]);
    expect(await ask("SELECT a FROM thing")).toEqual([{ a: 1 }]);
  });

  test("a connection that breaks in the middle is an outage, which start-up waits for, and ends no process", async () => {
    await write("0001_slow.sql", "CREATE TABLE thing (a int); SELECT pg_terminate_backend(pg_backend_pid())");
    const error: unknown = await run().catch((caught: unknown) => caught);
    expect(isOutage(error)).toBe(true);
    expect(await ask("SELECT to_regclass('thing') AS found")).toEqual([{ found: null }]);
  });

  test("our own migrations apply to an empty database of an ordinary owner", async () => {
    const own = readConfig({ DATABASE_URL: database.url }).database.migrationsDirectory;
    expect((await migrate(database.url, own)).length).toBeGreaterThan(2);
    expect(await migrate(database.url, own)).toEqual([]);
  });
});
