import { readFile, rm, stat, writeFile } from "node:fs/promises";
import type { Container } from "../container.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postSignIn, startTestServer, type TestServer } from "../testing/test-server.ts";
import { FrozenClock } from "../platform/clock.ts";
import { demoCustomers, demoPassword, demoStaffEmail } from "./demo-customers.ts";
import { seedDemo } from "./seed-demo.ts";

// The third of a month, so that there is as little usage as two whole periods allow.
const now = Date.parse("2026-03-03T04:00:00Z");
const clock = new FrozenClock(now);
let straight: TestServer;
let straightTotals: unknown;

beforeAll(async () => {
  straight = await startTestServer({ clock });
  await emptyCatalog(straight.container);
  await seedDemo(straight.container);
  straightTotals = await totalsOf(straight.container);
}, 300_000);
afterAll(() => straight?.stop());

/** The demo brings its own catalog; the one of the tests must not be in it. */
async function emptyCatalog({ database }: Container): Promise<void> {
  await database.query("TRUNCATE meter, plan, plan_version CASCADE");
}

async function totalsOf({ database }: Container): Promise<unknown> {
  const totals = await database.query(
    `SELECT c.external_id, m.key, p.period_start, p.dimension_key, p.event_count, p.quantity_sum::text, p.unique_count
     FROM usage_period_total p JOIN customer c ON c.id = p.customer_id JOIN meter m ON m.id = p.meter_id
     ORDER BY 1, 2, 3, 4`,
  );
  const counts = await database.query(
    `SELECT (SELECT count(*) FROM usage_event) AS events, (SELECT count(*) FROM customer) AS customers,
       (SELECT count(*) FROM plan_subscription) AS subscriptions, (SELECT count(*) FROM member) AS members,
       (SELECT count(*) FROM plan_version) AS plans, (SELECT count(*) FROM audit_entry WHERE action = 'demo.seed') AS seeds`,
  );
  return { totals, counts };
}

const instanceOf = async (server: TestServer) =>
  JSON.parse(await readFile(server.config.instanceFile, "utf8")) as { url: string; apiKey: string };

describe("the seed", () => {
  test("gives every demo customer a member who can sign in, and staff", async () => {
    for (const { memberEmail } of demoCustomers)
      expect((await postSignIn(straight.url, "portal", memberEmail, demoPassword)).status).toBe(200);
    expect((await postSignIn(straight.url, "admin", demoStaffEmail, demoPassword)).status).toBe(200);
  });

  test("writes down for its owner alone where the instance is, with a key that works", async () => {
    const { url, apiKey } = await instanceOf(straight);
    expect(url).toBe(straight.config.http.publicUrl);
    expect((await straight.ask("{ viewer { kind } }", { key: apiKey })).data).toEqual({ viewer: { kind: "API_KEY" } });
    expect((await stat(straight.config.instanceFile)).mode & 0o777).toBe(0o600);
  });

  test("runs once: again it changes nothing and keeps the key", async () => {
    const before = await instanceOf(straight);
    await seedDemo(straight.container);
    expect(await totalsOf(straight.container)).toEqual(straightTotals);
    expect(await instanceOf(straight)).toEqual(before);
  });

  test("months later, without the instance file, it changes nothing but the key", async () => {
    const before = await instanceOf(straight);
    await rm(straight.config.instanceFile);
    clock.set(Date.parse("2026-08-20T00:00:00Z"));
    await seedDemo(straight.container);
    clock.set(now);
    expect(await totalsOf(straight.container)).toEqual(straightTotals);
    const { apiKey } = await instanceOf(straight);
    expect(apiKey).not.toBe(before.apiKey);
    expect((await straight.ask("{ viewer { kind } }", { key: apiKey })).code).toBeUndefined();
  });

  test("a file of another address is put right", async () => {
    const { apiKey } = await instanceOf(straight);
    await writeFile(straight.config.instanceFile, JSON.stringify({ url: "http://localhost:1", apiKey }));
    await seedDemo(straight.container);
    expect(await instanceOf(straight)).toMatchObject({ url: straight.config.http.publicUrl, apiKey });
  });

  test("a system with customers of its own stays as it is", async () => {
    const server = await startTestServer({ clock });
    await server.container.customers.create(null, { externalId: "of its own" });
    await seedDemo(server.container);
    const [row] = await server.container.database.query("SELECT count(*)::integer AS customers FROM customer");
    expect(row).toEqual({ customers: 1 });
    await server.stop();
  });
});

test("interrupted over and over, and started twice at once, it ends with the same totals", async () => {
  const server = await startTestServer({ clock });
  await emptyCatalog(server.container);
  const { ingestion } = server.container;
  let left = 0;
  const failing: Pick<typeof ingestion, "record"> = {
    record(...parameters) {
      left -= 1;
      return left < 0 ? Promise.reject(new Error("interrupted")) : ingestion.record(...parameters);
    },
  };
  const interrupted = { ...server.container, ingestion: failing } as Container;
  for (const batches of [0, 3, 9]) {
    left = batches;
    await expect(seedDemo(interrupted)).rejects.toThrow("interrupted");
  }
  await Promise.all([seedDemo(server.container), seedDemo(server.container)]);
  expect(await totalsOf(server.container)).toEqual(straightTotals);
  await server.stop();
}, 300_000);
