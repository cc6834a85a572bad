import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort, startTestPostgres } from "@meterline/testkit";
import pg from "pg";
import { customerName, seed } from "./seed.ts";
import { messageOf } from "./stack.ts";

const repository = resolve(import.meta.dirname, "../..");
export const stripeKey = "sk_test_bench";
const customers = 1_000;
const meterKeys = ["calls", "tokens", "seconds"];

/** PostgreSQL, the Stripe sandbox and the sender, each in a process of its own. */
export type ReportingStack = {
  sandboxUrl: string;
  stripeCustomers: readonly string[];
  limit(mode: "live" | "off"): Promise<void>;
  /** Adds reports that wait, spread evenly over customers and meters. */
  fill(transport: "V1" | "STREAM", count: number): Promise<void>;
  drain<Answer>(order: { atMost: number }): Promise<Answer>;
  /** Events that the sandbox has counted, once nothing is left that it has accepted and not counted. */
  counted(): Promise<number>;
  stop(): Promise<void>;
};

/** Starts everything and links 1,000 customers and 3 meters. */
export async function startReportingStack(): Promise<ReportingStack> {
  const postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  const stateDirectory = mkdtempSync(join(tmpdir(), "meterline-bench-"));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await seed(client, customers);
  const port = await freePort();
  const sandboxUrl = `http://127.0.0.1:${port}`;
  const sandboxProgram = join(repository, "packages/stripe-sandbox/dist/cli.js");
  const sandbox = fork(sandboxProgram, ["--port", String(port), "--rate-limits", "off", "--lag-ms", "500"], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await answering(`${sandboxUrl}/_sandbox/state`);
  const stripeCustomers = await link(client, sandboxUrl);
  const sender = fork(join(repository, "apps/api/dist/bench-reporting.js"), [], {
    execArgv: ["--expose-gc"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      DATABASE_URL: database.url,
      STATE_DIR: stateDirectory,
      LOG_LEVEL: "error",
      STRIPE_API_KEY: stripeKey,
      STRIPE_API_URL: sandboxUrl,
      STRIPE_SUPPRESS_NOTICES: "true",
    },
  });
  await messageOf(sender);
  const counted = async () => {
    // What was accepted is counted a moment later: what is still in the queue belongs to whoever sent it before.
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const { counts } = (await (await fetch(`${sandboxUrl}/_sandbox/state`)).json()) as {
        counts: Record<string, number>;
      };
      if (counts["usageQueue"] === 0) return counts["usageFacts"] ?? 0;
      await new Promise((resolveWait) => setTimeout(resolveWait, 100));
    }
    throw new Error("the sandbox does not get done with what it accepted");
  };
  return {
    sandboxUrl,
    stripeCustomers,
    limit: async (mode) =>
      void (await post(`${sandboxUrl}/_sandbox/limits`, JSON.stringify({ mode }), "application/json")),
    fill: (transport, count) => fill(client, transport, count),
    drain: <Answer>(order: { atMost: number }) => ask<Answer>(sender, order),
    counted,
    async stop() {
      sender.kill("SIGKILL");
      sandbox.kill("SIGKILL");
      await client.end();
      await postgres.stop();
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}

function ask<Answer>(child: ChildProcess, order: object): Promise<Answer> {
  child.send(order);
  return messageOf<Answer>(child);
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolveWait) => setTimeout(resolveWait, 50));
  }
  throw new Error(`${url} does not answer`);
}

async function post(url: string, body: string, type = "application/x-www-form-urlencoded"): Promise<{ id: string }> {
  const headers = { authorization: `Bearer ${stripeKey}`, "content-type": type };
  const response = await fetch(url, { method: "POST", headers, body });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return (await response.json()) as { id: string };
}

async function link(client: pg.Client, sandboxUrl: string): Promise<string[]> {
  for (const key of meterKeys) {
    await client.query(
      `INSERT INTO meter (id, key, name, unit, aggregation, created_at) VALUES ($1, $2, $2, $2, 'SUM', now())
       ON CONFLICT (key) DO NOTHING`,
      [randomUUID(), key],
    );
    const form = new URLSearchParams({ display_name: key, event_name: key, "default_aggregation[formula]": "sum" });
    const { id } = await post(`${sandboxUrl}/v1/billing/meters`, form.toString());
    await client.query(
      `INSERT INTO stripe_meter (meter_id, stripe_meter_id, event_name, formula, customer_key, value_key, active, adopted,
         linked_at) SELECT id, $2, $1, 'sum', 'stripe_customer_id', 'value', true, false, now() FROM meter WHERE key = $1`,
      [key, id],
    );
  }
  const made: string[] = [];
  for (let number = 0; number < customers; number += 1) {
    const { id } = await post(
      `${sandboxUrl}/v1/customers`,
      new URLSearchParams({ name: customerName(number) }).toString(),
    );
    made.push(id);
  }
  await client.query(
    `INSERT INTO stripe_customer (customer_id, stripe_customer_id, adopted, linked_at)
     SELECT c.id, s.id, false, now() FROM unnest($1::text[], $2::text[]) AS s (external_id, id)
     JOIN customer c ON c.external_id = s.external_id`,
    [made.map((_, number) => customerName(number)), made],
  );
  return made;
}

/** As many reports as after a long outage: each customer and meter has some, planned one after the other. */
async function fill(client: pg.Client, transport: string, count: number): Promise<void> {
  await client.query(
    `WITH line AS (
       SELECT c.id AS customer_id, m.id AS meter_id, row_number() OVER () - 1 AS number
       FROM customer c CROSS JOIN meter m WHERE m.key = ANY ($1)
     ), size AS (SELECT count(*) AS lines FROM line), base AS (SELECT coalesce(max(last_sequence), 0) AS last FROM meter_report_total),
     made AS (
       INSERT INTO meter_report (customer_id, meter_id, channel, period_start, sequence, kind, mode, delta, total_after,
         event_at, transport, state, next_attempt_at, created_at)
       SELECT line.customer_id, line.meter_id, 'EVENTS', date_trunc('month', now()),
         base.last + n / size.lines + 1, 'USAGE', 'DELTA', 1, 1, date_trunc('second', now()), $2, 'PENDING',
         now() - interval '1 hour' + n * interval '1 millisecond', now()
       FROM generate_series(0, $3::bigint - 1) n CROSS JOIN size CROSS JOIN base
       JOIN line ON line.number = n % size.lines
       RETURNING customer_id, meter_id, period_start, sequence
     )
     INSERT INTO meter_report_total (customer_id, meter_id, channel, period_start, period_end, planned_total, last_sequence,
       version, planned_at)
     SELECT customer_id, meter_id, 'EVENTS', period_start, period_start + interval '1 month', 0, max(sequence), 1, now()
     FROM made GROUP BY 1, 2, 4
     ON CONFLICT (customer_id, meter_id, channel, period_start) DO UPDATE SET last_sequence = excluded.last_sequence`,
    [meterKeys, transport, count],
  );
  await client.query("VACUUM ANALYZE meter_report");
}
