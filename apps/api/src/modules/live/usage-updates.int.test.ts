import { type TestPostgres, startTestPostgres, waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectLive, type LiveClient, type LiveRead } from "../../testing/live-client.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { newCustomer, record, usageItem } from "../../testing/test-system.ts";

const updates = `subscription Watch($id: ID!) {
  usageUpdates(customerId: $id) { consumption { total { amountMinor } lines { meterKey quantity eventCount } } }
}`;

let postgres: TestPostgres;
let first: TestServer;
let second: TestServer;

beforeAll(async () => {
  postgres = await startTestPostgres();
  const { url: databaseUrl } = await postgres.createDatabase();
  const environment = { LIVE_POLL_EVERY_MS: "600000", LIVE_RECHECK_EVERY_MS: "200" };
  first = await startTestServer({ databaseUrl, environment });
  second = await startTestServer({ databaseUrl, environment });
});
afterAll(async () => {
  await second.stop();
  await first.stop();
  await postgres.stop();
});

type Update = { usageUpdates: { consumption: { total: { amountMinor: string }; lines: Line[] } } };
type Line = { meterKey: string; quantity: string; eventCount: string };

function quantities(read: LiveRead): (string | undefined)[] {
  return (read.data as Update[]).map(
    ({ usageUpdates }) => usageUpdates.consumption.lines.find((line) => line.meterKey === "calls")?.quantity,
  );
}

async function watching(server: TestServer, customerId: string): Promise<{ client: LiveClient; read: LiveRead }> {
  const client = await connectLive(server.url, { key: await server.makeKey("usage:read") });
  const read = client.subscribe(updates, { id: customerId });
  await waitUntil(() => read.data.length > 0);
  return { client, read };
}

const now = () => new Date().toISOString();
const startsAt = () => new Date(Date.now() - 86_400_000).toISOString();

/** An item of this very moment, since these servers run on the machine's clock. */
function item(customerId: string, quantity: string) {
  return usageItem({ customerId, quantity, occurredAt: now(), idempotencyKey: `live ${(keys += 1)}` });
}
let keys = 0;

test("numbers come at once, then when they move, in whichever process the usage was recorded", async () => {
  const customerId = await newCustomer(first, { planKey: "standard", startsAt: startsAt() });
  const here = await watching(first, customerId);
  const there = await watching(second, customerId);
  expect(quantities(here.read)).toEqual(["0"]);
  await record(first.container, item(customerId, "150"));
  await waitUntil(() => quantities(here.read).at(-1) === "150" && quantities(there.read).at(-1) === "150");
  // 20 dollars, and 50 calls past the allowance of 100 at one cent.
  const latest = here.read.data.at(-1) as Update;
  expect(latest.usageUpdates.consumption.total.amountMinor).toBe("2050");
  await record(second.container, item(customerId, "1"));
  await waitUntil(() => quantities(here.read).at(-1) === "151" && quantities(there.read).at(-1) === "151");
  here.client.close();
  there.client.close();
});

test("another customer's usage moves nothing, and numbers that stand still are not sent again", async () => {
  const customerId = await newCustomer(first, { planKey: "standard", startsAt: startsAt() });
  const busy = await newCustomer(first, { planKey: "standard", startsAt: startsAt() });
  const quiet = await watching(first, customerId);
  const other = await watching(first, busy);
  await record(first.container, item(busy, "1"));
  await waitUntil(() => quantities(other.read).at(-1) === "1");
  first.container.nudges.heard("ALL");
  await record(first.container, item(customerId, "9"));
  await waitUntil(() => quantities(quiet.read).at(-1) === "9");
  expect(quantities(quiet.read)).toEqual(["0", "9"]);
  quiet.client.close();
  other.client.close();
});

test("a burst is sent as a few updates that end with the last number", async () => {
  const customerId = await newCustomer(first, { planKey: "standard", startsAt: startsAt() });
  const { client, read } = await watching(second, customerId);
  for (let count = 0; count < 200; count += 1) await record(first.container, item(customerId, "1"));
  await waitUntil(() => quantities(read).at(-1) === "200");
  expect(read.data.length).toBeLessThan(100);
  client.close();
});

test("a void takes the number back", async () => {
  const customerId = await newCustomer(first, { planKey: "standard", startsAt: startsAt() });
  const { client, read } = await watching(second, customerId);
  const [outcome] = await record(first.container, item(customerId, "5"));
  await waitUntil(() => quantities(read).at(-1) === "5");
  if (outcome?.outcome !== "RECORDED") throw new Error("not recorded");
  const eventId = outcome.event.id;
  await first.container.voids.voidEvent({ customerId, eventId, reason: "wrong", idempotencyKey: `void ${eventId}` });
  await waitUntil(() => quantities(read).at(-1) === "0");
  client.close();
});

test("a nudge that was lost is made up for by the poll", async () => {
  const customerId = await newCustomer(first, { planKey: "standard", startsAt: startsAt() });
  const { client, read } = await watching(second, customerId);
  await second.container.live.usage.poll();
  // As by a process that died between its commit and its nudge.
  await first.container.database.query(
    `INSERT INTO usage_period_total (customer_id, meter_id, period_start, dimension_key, period_end, event_count, quantity_sum)
     SELECT $1, m.id, s.anchor_at, '', now() + interval '20 days', 1, 77 FROM meter m, plan_subscription s
     WHERE m.key = 'calls' AND s.customer_id = $1`,
    [customerId],
  );
  await second.container.live.usage.poll();
  await waitUntil(() => quantities(read).at(-1) === "77");
  client.close();
});

test("the database killed and started again: connections stay, and what was recorded meanwhile comes", async () => {
  const customerId = await newCustomer(first, { planKey: "standard", startsAt: startsAt() });
  const here = await watching(first, customerId);
  const there = await watching(second, customerId);
  await postgres.killPostgres();
  // Long enough for checks of rights to fail, which must end nobody.
  await waitUntil(() => second.logged.some((line) => line.includes("could not check the rights")));
  await postgres.restartPostgres();
  const listening = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'meterline-live'";
  await waitUntil(async () => (await first.container.database.query(listening)).length === 2, 20_000);
  await record(first.container, item(customerId, "3"));
  await waitUntil(() => quantities(there.read).at(-1) === "3" && quantities(here.read).at(-1) === "3", 20_000);
  here.client.close();
  there.client.close();
});

test("a reader that stops reading is closed with 4430, and the others go on", async () => {
  const customerId = await newCustomer(first, { planKey: "standard", startsAt: startsAt() });
  const slow = await startTestServer({
    databaseUrl: first.databaseUrl,
    environment: { LIVE_SLOW_READER_MS: "300", LIVE_MAX_SUBSCRIPTIONS: "1000" },
  });
  const key = await slow.makeKey("usage:read");
  const good = await connectLive(slow.url, { key });
  const seen = good.subscribe(updates, { id: customerId });
  const bad = await connectLive(slow.url, { key });
  // Large answers, many times over, until the buffers of both kernels are full.
  const names = Array.from({ length: 40 }, (_, number) => `n${number}: tiers { label from upTo quantity unitPrice }`);
  const large = `subscription Watch($id: ID!) { usageUpdates(customerId: $id) { consumption { lines { ${names.join(" ")} } } } }`;
  bad.socket.pause();
  for (let count = 0; count < 1_000; count += 1) bad.subscribe(large, { id: customerId });
  let quantity = 0;
  await waitUntil(
    async () => {
      await record(first.container, item(customerId, "1"));
      quantity += 1;
      const { text } = await metricsOf(slow.url);
      return /meterline_live_closed_total\{code="(4430|1006)"\} 1/.test(text);
    },
    30_000,
    "the slow reader to be shed",
  );
  await waitUntil(() => quantities(seen).at(-1) === String(quantity), 20_000);
  bad.socket.resume();
  expect([4430, 1006]).toContain(await bad.closeCode());
  good.close();
  await slow.stop();
});

test("a process that stops says so with 1001, and does not wait for who does not listen", async () => {
  const leaving = await startTestServer({ databaseUrl: first.databaseUrl });
  const key = await leaving.makeKey("usage:read");
  const polite = await connectLive(leaving.url, { key });
  const deaf = await connectLive(leaving.url, { key });
  deaf.socket.pause();
  await leaving.stop();
  expect(await polite.closeCode()).toBe(1001);
  deaf.socket.terminate();
});

async function metricsOf(url: string): Promise<{ text: string }> {
  const response = await fetch(`${url}/metrics`);
  return { text: await response.text() };
}
