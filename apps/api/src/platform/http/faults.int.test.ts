import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createTestDatabase, waitUntil } from "@meterline/testkit";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCustomer } from "../../testing/test-system.ts";
import { allScopes, startTestServer, type TestServer } from "../../testing/test-server.ts";
import { FrozenClock } from "../clock.ts";
import type { Viewer } from "../auth/index.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };

describe("a key that is revoked", () => {
  test("stops at once where it was revoked, and elsewhere within the time of the cache, 10 seconds", async () => {
    const clock = new FrozenClock(Date.parse("2026-03-16T10:00:00Z"));
    const here = await startTestServer({ clock });
    const elsewhere = await startTestServer({ clock, databaseUrl: here.databaseUrl });
    try {
      const { apiKey, secret } = await here.container.apiKeys.create(null, { name: "key", scopes: allScopes });
      const codeAt = async (server: TestServer) => (await server.ask("{ viewer { kind } }", { key: secret })).code;
      expect([await codeAt(here), await codeAt(elsewhere)]).toEqual([undefined, undefined]);
      await here.container.apiKeys.revoke(staff, apiKey.id);
      expect(await codeAt(here)).toBe("UNAUTHENTICATED");
      clock.advance(10_001);
      expect(await codeAt(elsewhere)).toBe("UNAUTHENTICATED");
    } finally {
      await elsewhere.stop();
      await here.stop();
    }
  });
});

describe("what goes wrong inside", () => {
  let server: TestServer;
  let key: string;
  let customerId: string;

  beforeAll(async () => {
    server = await startTestServer();
    key = await server.makeKey(...allScopes);
    customerId = await newCustomer(server, { planKey: "standard" });
  });
  afterAll(() => server.stop());

  test("text with a NUL, which PostgreSQL cannot store, is the caller's mistake in every argument", async () => {
    const nul = "a\\u0000b";
    const range = 'from: "2026-03-01T00:00:00Z", to: "2026-03-02T00:00:00Z", grain: DAY';
    const cookie = await server.signInStaff("staff@example.com");
    const headers = { cookie, "x-meterline-app": "admin" };
    const operations = [
      `{ customer(externalId: "${nul}") { id } }`,
      `{ customers(search: "${nul}") { totalCount } }`,
      `{ consumption(externalCustomerId: "${nul}") { __typename } }`,
      `{ usageEvents(customerId: "${customerId}", meterKey: "${nul}") { __typename } }`,
      `{ usageEvents(customerId: "${customerId}", idempotencyKey: "${nul}") { __typename } }`,
      `{ usageSeries(customerId: "${customerId}", meterKey: "${nul}", ${range}) { __typename } }`,
      `{ usageSeries(customerId: "${customerId}", meterKey: "calls", groupBy: "${nul}", ${range}) { __typename } }`,
      `mutation { createCustomer(input: { externalId: "${nul}" }) { id } }`,
      `mutation { createCustomer(input: { externalId: "x", name: "${nul}" }) { id } }`,
      `mutation { createSubscription(input: { customerId: "${customerId}", planKey: "${nul}" }) { id } }`,
      `mutation { createSubscription(input: { externalCustomerId: "${nul}", planKey: "standard" }) { id } }`,
      `mutation { createApiKey(input: { name: "${nul}", scopes: [USAGE_READ] }) { secret } }`,
      `mutation { revokeApiKey(id: "${nul}") { id } }`,
      `mutation { voidUsageEvent(input: { customerId: "${customerId}", eventId: "x", idempotencyKey: "k", reason: "${nul}" }) { outcome rejection { code } } }`,
      `mutation { voidUsageEvent(input: { customerId: "${nul}", eventId: "${nul}", idempotencyKey: "${nul}", reason: "r" }) { outcome rejection { code } } }`,
      `mutation { applyCatalog(digest: "x", catalog: { meters: [{ key: "${nul}", name: "n", unit: "u", aggregation: "SUM" }], plans: [] }) { __typename } }`,
    ];
    const bugs: string[] = [];
    for (const operation of operations) {
      const answer = await server.ask(operation, { headers });
      if (answer.code === "INTERNAL") bugs.push(`${operation} ${server.logged.at(-1)}`);
    }
    expect(bugs).toEqual([]);
    const items = [
      { customerId, meterKey: nul, idempotencyKey: "1" },
      { externalCustomerId: nul, meterKey: "calls", idempotencyKey: "2" },
      { customerId, meterKey: "calls", idempotencyKey: nul },
      { customerId, meterKey: "calls", idempotencyKey: "4", properties: { model: nul } },
      { customerId, meterKey: "calls", idempotencyKey: "5" },
    ];
    const input = JSON.parse(JSON.stringify(items).replaceAll("\\\\u0000", "\\u0000")) as object;
    const record =
      "mutation ($input: [RecordUsageInput!]!) { recordUsageBatch(input: $input) { results { outcome rejection { code } } } }";
    const answer = await server.ask(record, { key, variables: { input } });
    const recorded = answer.data as { recordUsageBatch: { results: { outcome: string }[] } };
    expect(recorded.recordUsageBatch.results.map((result) => result.outcome)).toEqual([
      "REJECTED",
      "REJECTED",
      "REJECTED",
      "REJECTED",
      "RECORDED",
    ]);
  });

  test("a bug answers INTERNAL with the number of the request, and the log alone says more", async () => {
    await server.container.database.query("ALTER TABLE usage_event RENAME TO usage_event_away");
    const operations = [
      `{ usageEvents(customerId: "${customerId}") { nodes { id } } }`,
      `mutation { recordUsage(input: { customerId: "${customerId}", meterKey: "calls", idempotencyKey: "lost" }) { outcome } }`,
    ];
    for (const operation of operations) {
      const answer = await server.ask(operation, { key });
      expect(answer.errors[0]).toMatchObject({
        message: "Something went wrong in Meterline. Its log names this request.",
        extensions: { code: "INTERNAL", requestId: answer.headers.get("x-request-id") },
      });
      expect(Object.keys(answer.errors[0]?.extensions ?? {}).toSorted()).toEqual(["code", "requestId"]);
      expect(answer.text).not.toMatch(/usage_event|relation|SELECT|INSERT|42P01|\.ts\b|\.js\b|node_modules|stack/);
      const line = server.logged.find((one) => one.includes(answer.headers.get("x-request-id") ?? "-"));
      expect(line).toContain("usage_event");
      expect(line).not.toContain(key);
    }
    await server.container.database.query("ALTER TABLE usage_event_away RENAME TO usage_event");
    expect((await server.ask(operations[1] ?? "", { key })).data).toEqual({ recordUsage: { outcome: "RECORDED" } });
  });

  test("metrics count what was answered, and hold no ids of callers", async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toContain(
      'meterline_http_request_duration_seconds_count{route="/graphql",method="POST",status="200"}',
    );
    expect(text).toContain("meterline_database_connections");
    expect(text).toMatch(/meterline_graphql_errors_total\{code="INTERNAL"\} 2/);
    expect(text).not.toContain(customerId);
  });
});

describe("a stop", () => {
  test("finishes the request in flight, refuses new ones, and ends", async () => {
    const server = await startTestServer();
    const key = await server.makeKey(...allScopes);
    const customerId = await newCustomer(server, { planKey: "standard" });
    // Holds the customer's usage off until the request is known to wait.
    const { database } = server.container;
    let answered: Promise<unknown> = Promise.resolve();
    let stopping: Promise<void> = Promise.resolve();
    await database.transaction(async (transaction) => {
      await transaction.query("LOCK TABLE usage_event IN ACCESS EXCLUSIVE MODE");
      const record = `mutation { recordUsage(input: { customerId: "${customerId}", meterKey: "calls", idempotencyKey: "k" }) { outcome } }`;
      answered = server.ask(record, { key }).then((answer) => answer.data);
      await waitUntil(
        async () => (await database.query("SELECT 1 FROM pg_locks WHERE NOT granted")).length > 0,
        10_000,
        "the request",
      );
      stopping = server.stop();
      const refused = await fetch(`${server.url}/readyz`).then(
        (response) => response.status,
        () => "refused",
      );
      expect([503, "refused"]).toContain(refused);
    });
    expect(await answered).toEqual({ recordUsage: { outcome: "RECORDED" } });
    await stopping;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow("fetch failed");
  });

  test("a start that fails, as on a port that is taken, leaves nothing open", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const own = await createTestDatabase();
    const environment = { PORT: String(port) };
    const starting = startTestServer({ databaseUrl: own.url, environment });
    await expect(starting).rejects.toMatchObject({ code: "EADDRINUSE" });
    const watcher = new Client({ connectionString: own.url });
    await watcher.connect();
    // PostgreSQL lists a connection for a moment longer than it is open.
    await waitUntil(async () => {
      const others = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
      return (await watcher.query(others)).rowCount === 0;
    });
    await watcher.end();
    await own.drop();
    taken.close();
  });
});
