import { waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCustomer } from "../../testing/test-system.ts";
import { connectLive, type LiveOptions } from "../../testing/live-client.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";

const updates = `subscription Watch($id: ID!) { usageUpdates(customerId: $id) { customerId consumption { total { amountMinor } } } }`;

let server: TestServer;
let own: string;
let other: string;
let member: LiveOptions;

beforeAll(async () => {
  server = await startTestServer({
    environment: {
      LIVE_RECHECK_EVERY_MS: "100",
      LIVE_MAX_CONNECTIONS_PER_PERSON: "3",
      LIVE_MAX_SUBSCRIPTIONS: "4",
      LIVE_MAX_MESSAGE_BYTES: "4096",
      API_KEY_CACHE_MS: "10000",
    },
  });
  own = await newCustomer(server, { planKey: "standard" });
  other = await newCustomer(server, { planKey: "standard" });
  member = await asMember("member@example.com");
});
afterAll(() => server.stop());

async function asMember(email: string): Promise<LiveOptions & { headers: { cookie: string; origin: string } }> {
  const cookie = await server.signInMember(own, email);
  return { headers: { cookie, origin: server.config.http.publicUrl }, params: { app: "portal" } };
}

async function codeOf(options: LiveOptions): Promise<number> {
  return (await connectLive(server.url, options)).closeCode();
}

async function firstAnswer(options: LiveOptions, customerId: string, query = updates) {
  const client = await connectLive(server.url, options);
  const read = client.subscribe(query, { id: customerId });
  await waitUntil(async () => read.data.length + read.errors.length > 0);
  client.close();
  return read;
}

describe("who may connect", () => {
  test("a member, staff and a key watch; each by its own credentials", async () => {
    const cookie = await server.signInStaff("staff@example.com");
    const staff = { headers: { cookie, origin: server.config.http.publicUrl }, params: { app: "admin" } };
    const key = { key: await server.makeKey("usage:read") };
    for (const options of [member, staff, key])
      expect((await firstAnswer(options, own)).data).toEqual([
        { usageUpdates: { customerId: own, consumption: { total: { amountMinor: "2000" } } } },
      ]);
  });

  test("nobody, a key that is none and a cookie of the other app are closed with 4403", async () => {
    expect(await codeOf({})).toBe(4403);
    expect(await codeOf({ key: `ml_${"x".repeat(43)}` })).toBe(4403);
    expect(await codeOf({ ...member, params: { app: "admin" } })).toBe(4403);
    expect(await codeOf({ ...member, params: {} })).toBe(4403);
  });

  test("a page of another origin gets no connection; a cookie without an origin counts for nothing", async () => {
    const { cookie } = (member.headers ?? {}) as { cookie: string };
    const foreign = { ...member, headers: { cookie, origin: "https://evil.example" } };
    await expect(connectLive(server.url, foreign)).rejects.toThrow("403");
    expect(await codeOf({ ...member, headers: { cookie } })).toBe(4403);
  });

  test("other addresses take no WebSocket", async () => {
    await expect(connectLive(`${server.url}/portal`, member)).rejects.toThrow("404");
  });
});

describe("what they may watch", () => {
  test("another customer is as unknown to a member as none at all", async () => {
    const unknown = await firstAnswer(member, "00000000-0000-4000-8000-000000000000");
    const foreign = await firstAnswer(member, other);
    expect(foreign.data).toEqual([]);
    expect(foreign.errors[0]).toMatchObject({ extensions: { code: "NOT_FOUND" } });
    expect(foreign.errors[0]?.message).toBe(unknown.errors[0]?.message);
  });

  test("a key without usage:read is refused, staff's fields stay shut", async () => {
    const { errors } = await firstAnswer({ key: await server.makeKey("usage:write") }, own);
    expect(errors[0]).toMatchObject({ extensions: { code: "FORBIDDEN" } });
    const members = `subscription Watch($id: ID!) { usageUpdates(customerId: $id) { consumption { customer { members { email } } } } }`;
    expect((await firstAnswer(member, own, members)).errors[0]).toMatchObject({ extensions: { code: "FORBIDDEN" } });
  });

  test("queries and mutations do not run here", async () => {
    for (const query of ["{ viewer { name } }", 'mutation { revokeApiKey(id: "1") { id } }'])
      expect((await firstAnswer(member, own, query)).errors[0]?.message).toMatch(/^Only subscriptions/);
  });

  test("what is no GraphQL, asks too much or for what is not there is BAD_USER_INPUT", async () => {
    const aliases = Array.from({ length: 51 }, (_, number) => `a${number}: customerId`).join(" ");
    const wide = `subscription { usageUpdates(customerId: "x") { ${aliases} } }`;
    for (const query of ["subscription {", "subscription { nothing }", wide])
      expect((await firstAnswer(member, own, query)).errors[0]).toMatchObject({
        extensions: { code: "BAD_USER_INPUT" },
      });
  });
});

describe("rights that end close the connection with 4410", () => {
  test("a key that is revoked, also where it was cached", async () => {
    const secret = await server.makeKey("usage:read");
    const client = await connectLive(server.url, { key: secret });
    const [key] = await server.container.database.query<{ id: string }>(
      "SELECT id FROM api_key WHERE prefix = $1 ORDER BY created_at DESC LIMIT 1",
      [secret.slice(0, 10)],
    );
    // As another process does it: this one's cache hears nothing.
    await server.container.database.query("UPDATE api_key SET revoked_at = now() WHERE id = $1", [key?.id]);
    expect(await client.closeCode()).toBe(4410);
  });

  test("a session that is signed out, or runs out", async () => {
    const leaving = await asMember("leaving@example.com");
    const client = await connectLive(server.url, leaving);
    await fetch(`${server.url}/api/auth/portal/sign-out`, {
      method: "POST",
      headers: { ...leaving.headers, "content-type": "application/json" },
      body: "{}",
    });
    expect(await client.closeCode()).toBe(4410);
    const late = await asMember("late@example.com");
    const second = await connectLive(server.url, late);
    await server.container.database.query(
      `UPDATE auth_portal."session" SET "expiresAt" = now() - interval '1 second'
       WHERE "userId" = (SELECT id FROM auth_portal."user" WHERE email = 'late@example.com')`,
    );
    expect(await second.closeCode()).toBe(4410);
  });

  test("a member who is removed; others stay", async () => {
    const removed = await connectLive(server.url, await asMember("removed@example.com"));
    const staying = await connectLive(server.url, await asMember("staying@example.com"));
    await server.container.database.query(
      `DELETE FROM member WHERE user_id = (SELECT id FROM auth_portal."user" WHERE email = 'removed@example.com')`,
    );
    expect(await removed.closeCode()).toBe(4410);
    const read = staying.subscribe(updates, { id: own });
    await waitUntil(async () => read.data.length === 1);
    staying.close();
  });
});

describe("bounds", () => {
  test("the fourth connection of a person is closed with 4420, and one that closes makes room", async () => {
    const many = await asMember("many@example.com");
    const open = await Promise.all([1, 2, 3].map(() => connectLive(server.url, many)));
    expect(await codeOf(many)).toBe(4420);
    open[0]?.close();
    await open[0]?.closeCode();
    await waitUntil(async () => (await firstAnswerOrCode(many)) === "answered");
    for (const client of open) client.close();
  });

  test("the fifth subscription of a connection is refused, the four go on; one that ends makes room", async () => {
    const client = await connectLive(server.url, { key: await server.makeKey("usage:read") });
    const four = Array.from({ length: 4 }, () => client.subscribe(updates, { id: own }));
    const fifth = client.subscribe(updates, { id: own });
    await waitUntil(async () => fifth.errors.length === 1 && four.every((read) => read.data.length === 1));
    four[0]?.complete();
    const sixth = client.subscribe(updates, { id: own });
    await waitUntil(async () => sixth.data.length === 1);
    client.close();
  });

  test("a message past the bound closes with 1009, one that is no JSON with 4400", async () => {
    const client = await connectLive(server.url, member);
    client.subscribe(`${updates} # ${"x".repeat(5_000)}`, { id: own });
    expect(await client.closeCode()).toBe(1009);
    const second = await connectLive(server.url, member);
    second.socket.send("not JSON");
    expect(await second.closeCode()).toBe(4400);
  });

  test("feeds of customers that nobody watches any more are let go", async () => {
    await waitUntil(async () => server.container.live.usage.size === 0);
  });
});

async function firstAnswerOrCode(options: LiveOptions): Promise<"answered" | number> {
  const client = await connectLive(server.url, options);
  if (client.socket.readyState !== client.socket.OPEN) return client.closeCode();
  const read = client.subscribe(updates, { id: own });
  await waitUntil(async () => read.data.length > 0 || client.socket.readyState !== client.socket.OPEN);
  const answer = read.data.length > 0 ? "answered" : await client.closeCode();
  client.close();
  return answer;
}
