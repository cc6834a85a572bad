import { startTestPostgres, type TestDatabase, type TestPostgres, waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCustomer } from "../../testing/test-system.ts";
import { allScopes, postSignIn, startTestServer, testPassword, type TestServer } from "../../testing/test-server.ts";

let postgres: TestPostgres;
let database: TestDatabase;
let server: TestServer;
let key: string;
let customerId: string;
let cookie: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase();
  // With the worker: it must survive too. Without the cache of keys, so that every request needs the database.
  server = await startTestServer({
    databaseUrl: database.url,
    environment: { RUN_WORKER: "true", API_KEY_CACHE_MS: "0", DATABASE_CONNECT_TIMEOUT_MS: "1000" },
  });
  key = await server.makeKey(...allScopes);
  customerId = await newCustomer(server, { planKey: "standard" });
  cookie = await server.signInMember(customerId, "member@example.com");
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const readiness = async () => (await fetch(`${server.url}/readyz`)).status;
const byKey = (query: string) => server.ask(query, { key });
const byCookie = (query: string) => server.ask(query, { headers: { cookie, "x-meterline-app": "portal" } });
const recordOnce = (idempotencyKey: string) =>
  byKey(
    `mutation { recordUsage(input: { customerId: "${customerId}", meterKey: "units", idempotencyKey: "${idempotencyKey}" }) { outcome } }`,
  );

describe.each([1, 2])("while the database is away, for the %d. time", (time) => {
  beforeAll(async () => {
    expect(await readiness()).toBe(200);
    await postgres.killPostgres();
  });

  test("the process runs, and says that it is not ready", async () => {
    expect(await readiness()).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.url}/portal/`)).status).toBe(200);
  });

  test("a backend and a person are told UNAVAILABLE and retryable, not that they are signed out", async () => {
    for (const answer of [
      await byKey("{ viewer { kind } }"),
      await byCookie("{ viewer { kind } }"),
      await byCookie("{ consumption { total { amountMinor } } }"),
      await recordOnce(`away ${time}`),
    ]) {
      expect([answer.status, answer.code]).toEqual([503, "UNAVAILABLE"]);
      expect(answer.errors[0]).toMatchObject({
        message: "Meterline's database is away or too busy. Send the same request again.",
        extensions: { retryable: true, requestId: expect.any(String) },
      });
      expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|postgres/i);
    }
  });

  test("signing in is refused for now, without a word on the inside", async () => {
    const response = await postSignIn(server.url, "portal", "member@example.com", testPassword);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toMatch(/ECONN|127\.0\.0\.1|postgres|stack/i);
  });

  test("it recovers by itself, with nothing recorded twice or lost", async () => {
    await postgres.restartPostgres();
    await waitUntil(async () => (await readiness()) === 200, 30_000, "readiness");
    expect((await byKey("{ viewer { kind } }")).data).toEqual({ viewer: { kind: "API_KEY" } });
    expect((await byCookie("{ viewer { kind } }")).data).toEqual({ viewer: { kind: "MEMBER" } });
    expect((await recordOnce(`away ${time}`)).data).toEqual({ recordUsage: { outcome: "RECORDED" } });
    expect((await recordOnce(`away ${time}`)).data).toEqual({ recordUsage: { outcome: "DUPLICATE" } });
  });

  test("jobs that were written run after it", async () => {
    const { database: sql } = server.container;
    const left = `INSERT INTO auth_portal."rateLimit" (id, key, count, "lastRequest") VALUES ('old ${time}', 'old ${time}', 1, 0)`;
    await sql.query(left);
    await sql.query("SELECT graphile_worker.add_job('forget_sign_in_attempts')");
    await waitUntil(
      async () => (await sql.query(`SELECT 1 FROM auth_portal."rateLimit" WHERE id = 'old ${time}'`)).length === 0,
      30_000,
      "the job",
    );
  });
});

test("a server that starts before its database waits for it", async () => {
  await postgres.killPostgres();
  const starting = startTestServer({ databaseUrl: database.url });
  await postgres.restartPostgres();
  const late = await starting;
  expect((await fetch(`${late.url}/readyz`)).status).toBe(200);
  await late.stop();
});
