import { type TestPostgres, startTestPostgres, waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { newCustomer } from "../../testing/test-system.ts";

let postgres: TestPostgres;
let here: TestServer;
let there: TestServer;
let key = "";
let customerId = "";

beforeAll(async () => {
  postgres = await startTestPostgres();
  const { url: databaseUrl } = await postgres.createDatabase();
  here = await startTestServer({ databaseUrl });
  there = await startTestServer({ databaseUrl });
  key = await here.makeKey("usage:read", "usage:write", "customers:write");
  customerId = await newCustomer(here, { planKey: "standard" });
  await waitUntil(() => here.container.nudges.isHearing && there.container.nudges.isHearing);
});
afterAll(async () => {
  await there.stop();
  await here.stop();
  await postgres.stop();
});

async function ask<T>(server: TestServer, query: string, rest: object = {}): Promise<T> {
  const answer = await server.ask(query, { key, variables: { customerId, ...rest } });
  expect(answer.errors).toEqual([]);
  return Object.values(answer.data ?? {})[0] as T;
}

async function used(server: TestServer): Promise<string> {
  const query = 'query ($customerId: ID) { checkUsage(customerId: $customerId, meterKey: "calls") { used } }';
  return (await ask<{ used: string }>(server, query)).used;
}

let keys = 0;
const recordOne = () =>
  ask<{ event: { id: string } }>(
    here,
    `mutation ($input: RecordUsageInput!) { recordUsage(input: $input) { event { id } } }`,
    { input: { customerId, meterKey: "calls", quantity: "1", idempotencyKey: `check ${(keys += 1)}` } },
  );

const setLimit = (quantity: string) =>
  ask(
    here,
    `mutation ($customerId: ID!, $limit: LimitInput!) { setCustomerLimit(customerId: $customerId, limit: $limit) { id } }`,
    { limit: { policy: "HARD", meterKey: "calls", quantity } },
  );

test("a process answers what it recorded and took back itself, each time and at once", async () => {
  const ids: string[] = [];
  for (let count = 1; count <= 20; count += 1) {
    ids.push((await recordOne()).event.id);
    // The second is answered from memory.
    expect([await used(here), await used(here)]).toEqual([`${count}`, `${count}`]);
  }
  for (const [index, eventId] of ids.entries()) {
    await ask(here, `mutation ($input: VoidUsageEventInput!) { voidUsageEvent(input: $input) { outcome } }`, {
      input: { customerId, eventId, idempotencyKey: `void ${index}`, reason: "a test" },
    });
    expect(await used(here)).toBe(`${19 - index}`);
  }
});

test("what another process recorded is heard of", async () => {
  const before = Number(await used(there));
  await recordOne();
  await waitUntil(async () => (await used(there)) === `${before + 1}`);
});

test("a limit set through one process is known to the other long before its profile has aged", async () => {
  const profileAgesMs = 10_000;
  const policyOf = (server: TestServer) =>
    ask<{ policy: string }>(
      server,
      'query ($customerId: ID) { checkUsage(customerId: $customerId, meterKey: "calls") { policy } }',
    );
  expect((await policyOf(there)).policy).toBe("NONE");
  await setLimit("1000");
  expect((await policyOf(here)).policy).toBe("HARD");
  await waitUntil(async () => (await policyOf(there)).policy === "HARD", profileAgesMs * 0.8);
});

test("held units count from the moment they are held until they are given back", async () => {
  const remaining = async () =>
    (
      await ask<{ remaining: string }>(
        here,
        'query ($customerId: ID) { checkUsage(customerId: $customerId, meterKey: "calls") { remaining } }',
      )
    ).remaining;
  await setLimit("100");
  const before = Number(await remaining());
  const { id: reservationId } = await ask<{ id: string }>(
    here,
    `mutation ($input: ReserveUsageInput!) { reserveUsage(input: $input) { id } }`,
    { input: { customerId, meterKey: "calls", quantity: "30", idempotencyKey: "hold" } },
  );
  expect(Number(await remaining())).toBe(before - 30);
  await ask(here, `mutation ($input: ReleaseReservationInput!) { releaseReservation(input: $input) { id } }`, {
    input: { customerId, reservationId },
  });
  expect(Number(await remaining())).toBe(before);
});
