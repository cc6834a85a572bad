import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, startTestServer, type TestServer } from "../../testing/test-server.ts";

type Session = { cookie: string; "x-meterline-app": "portal" | "admin" };

let server: TestServer;
let key = "";
let customerId = "";

beforeAll(async () => {
  server = await startTestServer();
  key = await server.makeKey("customers:write", "usage:read", "usage:write");
  const { id } = await server.container.customers.create(null, { externalId: "limited", timeZone: "Asia/Tokyo" });
  customerId = id;
  const wanted = { planKey: "standard", startsAt: null, anchorAt: null };
  await server.container.subscriptions.create(null, { customerId, externalCustomerId: null }, wanted);
});
afterAll(() => server.stop());

const ask = (query: string, variables: object = {}, with_: string | Session = key): Promise<Answer> =>
  typeof with_ === "string"
    ? server.ask(query, { key: with_, variables })
    : server.ask(query, { headers: { ...with_ }, variables });

const set = (limit: object, who?: string | Session) =>
  ask(
    `mutation ($customerId: ID!, $limit: LimitInput!) {
      setCustomerLimit(customerId: $customerId, limit: $limit) { id source words inForce state { state used limit remaining } }
    }`,
    { customerId, limit },
    who,
  );
const override = (limit: object, reason: string, endsAt: string, who: string | Session) =>
  ask(
    `mutation ($customerId: ID!, $limit: LimitInput!, $reason: String!, $endsAt: DateTime!) {
      overrideLimit(customerId: $customerId, limit: $limit, reason: $reason, endsAt: $endsAt) { id source reason endsAt }
    }`,
    { customerId, limit, reason, endsAt },
    who,
  );
const list = (who?: string | Session) =>
  ask(
    "query ($customerId: ID) { limits(customerId: $customerId) { id source meterKey quantity inForce reason setBy words } }",
    { customerId },
    who,
  );
const check = (meterKey: string, quantity = "1", rest: object = {}) =>
  ask(
    `query ($customerId: ID, $meterKey: String!, $quantity: Decimal, $properties: JSONObject) {
      checkUsage(customerId: $customerId, meterKey: $meterKey, quantity: $quantity, properties: $properties) {
        policy used limit remaining state limitId period words upgrade currency
      }
    }`,
    { customerId, meterKey, quantity, ...rest },
  );
const state = async (...args: Parameters<typeof check>) => {
  const {
    policy,
    used,
    limit,
    remaining,
    state: standing,
  } = ((await check(...args)).data?.["checkUsage"] ?? {}) as Record<string, string>;
  return `${policy} ${used}/${limit} ${remaining} ${standing}`;
};
const staffSession = async (email: string): Promise<Session> => ({
  cookie: await server.signInStaff(email),
  "x-meterline-app": "admin",
});
const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString();

describe("a limit of the customer's own", () => {
  test("is previewed in words, with what it means for what is used already", async () => {
    const answer = await ask(
      `query ($customerId: ID, $limit: LimitInput!) {
        limitPreview(customerId: $customerId, limit: $limit) { words warnings faults { path message } }
      }`,
      { customerId, limit: { meterKey: "units", policy: "HARD", quantity: "0" } },
    );
    expect(answer.data?.["limitPreview"]).toMatchObject({
      words: expect.stringMatching(/^Stops at 0 units in each billing period\./),
      warnings: [expect.stringMatching(/^0 units are used or held already, so .* everything more is refused/)],
      faults: [],
    });
  });

  test("is refused with every fault, each at its place", async () => {
    const answer = await set({ meterKey: "units", policy: "HARD", quantity: "-5", warnAtPercent: [0, 1000] });
    expect([answer.code, answer.field]).toEqual(["BAD_USER_INPUT", "limit.quantity"]);
    expect(answer.errors[0]?.extensions["faults"]).toMatchObject([
      { path: "quantity" },
      { path: "warnAtPercent[0]" },
      { path: "warnAtPercent[1]" },
    ]);
  });

  test("that cannot be decided is refused with the reason", async () => {
    const answer = await set({ meterKey: "seats", policy: "HARD", quantity: "5" });
    expect(answer.errors[0]?.message).toMatch(/"seats" grows with time/);
  });

  test("is set, listed and checked; the same scope and policy again takes its place", async () => {
    const first = await set({ meterKey: "units", policy: "HARD", quantity: "10" });
    expect(first.data?.["setCustomerLimit"]).toMatchObject({
      source: "CUSTOMER",
      inForce: true,
      state: { state: "OK", used: "0", limit: "10", remaining: "10" },
    });
    await set({ meterKey: "units", policy: "HARD", quantity: "20" });
    expect((await list()).data?.["limits"]).toMatchObject([{ meterKey: "units", quantity: "20", inForce: true }]);
    expect(await state("units", "20")).toBe("HARD 0/20 20 OK");
    expect(await state("units", "20.1")).toBe("HARD 0/20 20 BLOCKED");
  });

  test("of a property value counts for that value only", async () => {
    await set({
      meterKey: "calls",
      policy: "HARD",
      quantity: "5",
      period: "DAY",
      property: { name: "model", value: "big" },
    });
    expect(await state("calls", "6", { properties: { model: "big" } })).toBe("HARD 0/5 5 BLOCKED");
    expect(await state("calls", "6", { properties: { model: "small" } })).toBe("NONE 0/null null OK");
  });

  test("on money is checked against the bill: base fee 20.00, and the first 100 calls free", async () => {
    await set({ policy: "SOFT", amount: "20.00" });
    expect(await state("users")).toMatch(/^SOFT .*\/20 0 REACHED$/);
  });
});

describe("an override by staff", () => {
  test("needs a person, a reason and an end ahead", async () => {
    const staff = await staffSession("staff@example.com");
    const limit = { meterKey: "units", policy: "HARD", quantity: "500" };
    expect((await override(limit, "asked for it", inAWeek, key)).code).toBe("FORBIDDEN");
    expect((await override(limit, "  ", inAWeek, staff)).field).toBe("reason");
    expect((await override(limit, "asked for it", "2020-01-01T00:00:00Z", staff)).field).toBe("endsAt");
  });

  test("stands in place of the others of its scope, with a trail; ended, they hold again", async () => {
    const staff = await staffSession("staff2@example.com");
    const made = await override({ meterKey: "units", policy: "HARD", quantity: "500" }, "a launch", inAWeek, staff);
    const { id } = (made.data?.["overrideLimit"] ?? {}) as { id: string };
    expect(await state("units")).toBe("HARD 0/500 500 OK");
    const listed = (await list()).data?.["limits"] as { id: string; inForce: boolean; quantity: string }[];
    expect(listed.filter((one) => one.quantity === "20")).toMatchObject([{ inForce: false }]);
    const trail = await server.container.database.query<{ actor: string; detail: { reason: string } }>(
      "SELECT actor, detail FROM audit_entry WHERE action = 'limit.override'",
    );
    expect(trail).toMatchObject([{ actor: expect.stringMatching(/^staff:/), detail: { reason: "a launch" } }]);
    const end =
      "mutation ($customerId: ID!, $limitId: ID!) { endCustomerLimit(customerId: $customerId, limitId: $limitId) { id } }";
    expect((await ask(end, { customerId, limitId: id }, staff)).data).toEqual({ endCustomerLimit: { id } });
    expect((await ask(end, { customerId, limitId: id }, staff)).data).toEqual({ endCustomerLimit: { id } });
    expect(await state("units")).toBe("HARD 0/20 20 OK");
    expect((await ask(end, { customerId, limitId: "nothing" }, staff)).code).toBe("NOT_FOUND");
  });
});

describe("walls", () => {
  test("a member sees its own limits without who and why, and sets none", async () => {
    const member = {
      cookie: await server.signInMember(customerId, "m@example.com"),
      "x-meterline-app": "portal",
    } as const;
    const shown = (await list(member)).data?.["limits"] as { reason: null; setBy: null }[];
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.every((one) => one.reason === null && one.setBy === null)).toBe(true);
    expect((await set({ meterKey: "units", policy: "HARD", quantity: "1" }, member)).code).toBe("FORBIDDEN");
    const own = await ask('{ checkUsage(meterKey: "units") { state } }', {}, member);
    expect(own.data).toEqual({ checkUsage: { state: "OK" } });
    const { id: other } = await server.container.customers.create(null, { externalId: "another" });
    const others = await ask("query ($id: ID) { limits(customerId: $id) { id } }", { id: other }, member);
    expect(others.code).toBe("NOT_FOUND");
  });

  test("row-level security shows a member no limit of another customer", async () => {
    const { id: other } = await server.container.customers.create(null, { externalId: "a third" });
    for (const table of ["customer_limit", "usage_hold", "limit_counter"]) {
      expect(await server.container.database.asMember(other, (sql) => sql.query(`SELECT * FROM ${table}`))).toEqual([]);
    }
  });

  test("a key that records may check; one that manages the catalog may not", async () => {
    const question = 'query ($id: ID) { checkUsage(customerId: $id, meterKey: "units") { state } }';
    const recorder = await server.makeKey("usage:write");
    expect((await ask(question, { id: customerId }, recorder)).data).toEqual({ checkUsage: { state: "OK" } });
    const catalog = await server.makeKey("catalog:write");
    expect((await ask(question, { id: customerId }, catalog)).code).toBe("FORBIDDEN");
  });
});
