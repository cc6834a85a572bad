import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { waitUntil } from "@meterline/testkit";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newCustomer, startTestSystem, type TestSystem } from "../../testing/test-system.ts";

let system: TestSystem;
let hook: Server;
let arrived: { path: string; customerId: string; sequence: string }[] = [];
let answer: (path: string, response: ServerResponse) => void;
const accept = (_path: string, response: ServerResponse) => void response.writeHead(204).end();

beforeAll(async () => {
  system = await startTestSystem(undefined, { WEBHOOK_ALLOW_LOOPBACK: "true" });
  answer = accept;
  hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      const { data } = JSON.parse(body) as { data: { customerId: string; sequence: string } };
      arrived.push({ path: request.url ?? "", ...data });
      answer(request.url ?? "", response);
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await system.close();
});
afterEach(async () => {
  await system.container.alerting.deliveries.work.stop();
  arrived = [];
  answer = accept;
});

/** So many customers, each with an endpoint at this path and so many alerts of which nobody has been told. */
async function alerted(path: string, customers: number, alerts = 1): Promise<void> {
  const { container, clock } = system;
  const customerId = await newCustomer(system, { planKey: "standard" });
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}${path}`;
  await container.alerting.endpoints.create(null, { customerId, url, description: null });
  const others = await Promise.all(Array.from({ length: customers - 1 }, () => newCustomer(system)));
  await container.database.query(
    `WITH made AS (
       INSERT INTO webhook_endpoint (customer_id, id, url, state, created_by, created_at)
       SELECT o, gen_random_uuid(), e.url, 'ACTIVE', 'test', e.created_at
       FROM unnest($2::uuid[]) o, webhook_endpoint e WHERE e.customer_id = $1 RETURNING customer_id, id
     ) INSERT INTO webhook_secret (customer_id, endpoint_id, id, sealed, created_at)
       SELECT m.customer_id, m.id, gen_random_uuid(), s.sealed, s.created_at FROM made m, webhook_secret s
       WHERE s.customer_id = $1`,
    [customerId, others],
  );
  await container.database.query(
    `INSERT INTO alert (customer_id, id, sequence, rule_id, kind, basis, severity, threshold_key, percent, basis_value,
       threshold_value, crossing_value, meter_id, period_start, period_end, crossed_at)
     SELECT c, gen_random_uuid(), n, gen_random_uuid(), 'THRESHOLD', 'ALLOWANCE', 'WARNING', '80', 80, 100, 80, 85, m.id,
       '2026-03-01Z', '2026-04-01Z', $2 FROM unnest($1::uuid[]) c, generate_series(1, $3::int) n, meter m WHERE m.key = 'calls'`,
    [[customerId, ...others], new Date(clock.now()), alerts],
  );
}

/** Runs `fn`; answers how many statements were sent to PostgreSQL meanwhile, over all connections. */
async function statementsOf(fn: () => Promise<void>): Promise<number> {
  const original = pg.Client.prototype.query;
  let count = 0;
  pg.Client.prototype.query = function counted(this: pg.Client, ...values: unknown[]) {
    count += 1;
    return (original as (...all: unknown[]) => unknown).apply(this, values);
  } as typeof original;
  try {
    await fn();
  } finally {
    pg.Client.prototype.query = original;
  }
  return count;
}

describe("a burst of webhooks", () => {
  it("shares what it asks of PostgreSQL: a delivery costs a small part of a statement", async () => {
    const { queue, deliveries } = system.container.alerting;
    await alerted("/burst", 200);
    expect(await statementsOf(async () => void (await queue.drain()))).toBeLessThan(20);
    const sending = await statementsOf(async () => {
      deliveries.work.start();
      await waitUntil(() => arrived.length === 200);
      await deliveries.work.stop();
    });
    // Ten each, before they were shared. A slow machine looks for work more often.
    expect(sending).toBeLessThan(200);
    const [left] = await system.container.database.query(
      `SELECT count(*) FILTER (WHERE state <> 'SENT')::int AS unsent,
         (SELECT count(*)::int FROM alert_delivery_attempt WHERE outcome = 'ACCEPTED' AND number = 1) AS accepted
       FROM alert_delivery WHERE channel = 'WEBHOOK'`,
    );
    expect(left).toEqual({ unsent: 0, accepted: 200 });
  });

  it("is not held up by an endpoint that hangs with more waiting than one look finds; each hears one at a time", async () => {
    const { queue, deliveries } = system.container.alerting;
    const hanging: ServerResponse[] = [];
    answer = (path, response) => {
      if (path === "/slow") hanging.push(response);
      else accept(path, response);
    };
    await alerted("/slow", 1, 1_200);
    await queue.drain();
    await alerted("/quick", 20, 3);
    await queue.drain();
    deliveries.work.start();
    await waitUntil(() => arrived.filter(({ path }) => path === "/quick").length === 60);
    expect(arrived.filter(({ path }) => path === "/slow")).toHaveLength(1);
    answer = accept;
    const stopping = deliveries.work.stop();
    for (const response of hanging) accept("", response);
    await stopping;
  });
});
