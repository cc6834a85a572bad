import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, startTestPostgres, type TestDatabase, type TestPostgres, waitUntil } from "./index.ts";

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

describe("createTestDatabase", () => {
  let first: TestDatabase;
  let second: TestDatabase;
  beforeAll(async () => {
    [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  });
  afterAll(() => Promise.all([first.drop(), second.drop()]));

  test("a suite's database has every table and is its own", async () => {
    await ask(first.url, "INSERT INTO plan (key, created_at) VALUES ('starter', now())");
    expect(await ask(first.url, "SELECT key FROM plan")).toEqual([{ key: "starter" }]);
    expect(await ask(second.url, "SELECT key FROM plan")).toEqual([]);
  });

  test("the owner is no superuser, as in production", async () => {
    expect(await ask(first.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).toEqual([
      { rolsuper: false },
    ]);
  });

  test("an empty database has no tables", async () => {
    const empty = await createTestDatabase({ empty: true });
    expect(await ask(empty.url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
    await empty.drop();
  });
});

describe("a server of the suite's own", () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startTestPostgres();
  });
  afterAll(() => server.stop());

  test("settings are as durable as production's", async () => {
    const rows = await ask(
      server.adminUrl,
      "SELECT current_setting('fsync') || current_setting('synchronous_commit') AS s",
    );
    expect(rows).toEqual([{ s: "onon" }]);
  });

  test("killed and started again, it holds what was committed and nothing else", async () => {
    const database = await server.createDatabase();
    await ask(database.url, "INSERT INTO plan (key, created_at) VALUES ('kept', now())");
    const open = new pg.Client({ connectionString: database.url });
    const lost = new Promise((resolve) => open.on("error", resolve));
    await open.connect();
    await open.query("BEGIN");
    await open.query("INSERT INTO plan (key, created_at) VALUES ('open', now())");
    await server.killPostgres();
    await lost;
    await server.restartPostgres();
    await waitUntil(async () => (await ask(database.url, "SELECT 1")).length === 1);
    expect(await ask(database.url, "SELECT key FROM plan")).toEqual([{ key: "kept" }]);
  });
});
