import { randomUUID } from "node:crypto";
import { count, load, median } from "./load.ts";
import { paced } from "./paced.ts";
import { atLeast, atMost, exactly, type Result } from "./report.ts";
import { customerName, meterKey } from "./seed.ts";
import type { Stack } from "./stack.ts";

/** Customers that the other benchmarks leave alone. */
const limited = customerName(950);
const unlimited = customerName(951);
const writers = 200;
const checksPerSecond = 200;

const record = (customer: (number: number) => string, run: string) => (number: number) =>
  JSON.stringify({
    query: "mutation Bench($input: RecordUsageInput!) { recordUsage(input: $input) { outcome rejection { code } } }",
    variables: {
      input: { externalCustomerId: customer(number), meterKey, quantity: "1", idempotencyKey: `${run} ${number}` },
    },
  });

/** Customers that are asked about in turn, each less often than a tally is remembered: what a look at the tables costs. */
const others = 300;

const ask = (name: string, customer: (number: number) => string) => (number: number) =>
  JSON.stringify({
    query: `query Bench($customer: String!, $meter: String!) {
      ${name}(externalCustomerId: $customer, meterKey: $meter) { policy used limit remaining state resetsAt }
    }`,
    variables: { customer: customer(number), meter: meterKey },
  });

/** One customer with one hard limit that everybody writes against, over two processes; and the price of asking first. */
export async function limits(stack: Stack, rounds: number, seconds: number): Promise<Result[]> {
  const urls = [stack.url, await stack.startApi()];
  await setLimit(stack, 1_000_000_000);
  const everybody = (customer: string, run: string) =>
    Promise.all(
      urls.map((url, index) =>
        load(stack, {
          url,
          connections: writers / urls.length,
          seconds,
          body: record(() => customer, `${run} ${index}`),
        }),
      ),
    ).then((loads) => loads.reduce((sum, one) => sum + one.callsPerSecond, 0));
  const rates = { single: [] as number[], limited: [] as number[], unlimited: [] as number[] };
  for (const customer of [limited, unlimited]) await everybody(customer, `warm ${customer}`);
  for (let round = 0; round < rounds; round += 1) {
    const single = { connections: 32, seconds, body: record((number) => customerName(number % 100), `one ${round}`) };
    rates.single.push((await load(stack, single)).callsPerSecond);
    rates.limited.push(await everybody(limited, `limited ${round}`));
    rates.unlimited.push(await everybody(unlimited, `unlimited ${round}`));
  }
  return [
    atLeast(
      "one customer, one hard limit, 200 writers over 2 API processes: calls a second",
      median(rates.limited) / median(rates.single),
      0.5,
      {
        "recordUsage under the limit, calls/s": median(rates.limited),
        "recordUsage without limits, 32 clients, 1 process, calls/s": median(rates.single),
        "the same 200 writers on one customer without limits, calls/s": median(rates.unlimited),
      },
    ),
    ...(await reach(stack, urls, Math.round(median(rates.limited) * seconds))),
    await checks(stack, rounds, seconds),
  ];
}

/** Lets 200 writers run into a limit that lets `room` more through, and counts what was recorded. */
async function reach(stack: Stack, urls: readonly string[], room: number): Promise<Result[]> {
  const limit = (await usedOf(stack)) + room;
  await setLimit(stack, limit);
  const calls = Math.ceil((room * 1.25) / urls.length);
  const answers = await Promise.all(
    urls.map((url, index) =>
      count(stack, {
        url,
        connections: writers / urls.length,
        calls,
        body: record(() => limited, `reach ${index}`),
        words: ["RECORDED", "LIMIT_REACHED"],
      }),
    ),
  );
  const recorded = answers.reduce((sum, one) => sum + (one["RECORDED"] ?? 0), 0);
  const refused = answers.reduce((sum, one) => sum + (one["LIMIT_REACHED"] ?? 0), 0);
  const used = await usedOf(stack);
  const figures = {
    "limit, units": limit,
    "used in the end, units": used,
    "answered RECORDED": recorded,
    "answered LIMIT_REACHED": refused,
  };
  return [
    exactly("one customer, one hard limit, 200 writers: overshoot in units", Math.max(0, used - limit), 0, figures),
    exactly("one customer, one hard limit, 200 writers: undershoot in units", Math.max(0, limit - used), 0, {
      "answered RECORDED less what there was room for": recorded - room,
    }),
  ];
}

/** What a question costs: about one customer, as one who is served asks it all day, and about others in turn. */
async function checks(stack: Stack, rounds: number, seconds: number): Promise<Result> {
  const one = () => limited;
  const bodies = {
    checkUsage: ask("checkUsage", one),
    checkNothing: ask("checkNothing", one),
    inTurn: ask("checkUsage", (number) => customerName(number % others)),
  };
  const names = Object.keys(bodies) as (keyof typeof bodies)[];
  const times = new Map(names.map((name) => [name, { p50: [] as number[], p99: [] as number[] }]));
  const once = (name: keyof typeof bodies) =>
    paced(stack, { seconds, callsPerSecond: checksPerSecond, body: bodies[name] });
  for (const name of names) await once(name);
  for (let round = 0; round < rounds * 2; round += 1) {
    for (const name of names) {
      const taken = await once(name);
      times.get(name)?.p99.push(taken[Math.floor(taken.length * 0.99)] ?? Number.NaN);
      times.get(name)?.p50.push(median(taken));
    }
  }
  const of = (name: keyof typeof bodies, which: "p50" | "p99") => median(times.get(name)?.[which] ?? []);
  return atMost(
    `checkUsage at ${checksPerSecond} a second: p99`,
    of("checkUsage", "p99") / of("checkNothing", "p99"),
    1.5,
    {
      "checkUsage, ms": of("checkUsage", "p99"),
      "a query that does nothing at the same rate, ms": of("checkNothing", "p99"),
      "checkUsage, p50 ms": of("checkUsage", "p50"),
      "a query that does nothing, p50 ms": of("checkNothing", "p50"),
      [`checkUsage about ${others} customers in turn, nothing remembered, ms`]: of("inTurn", "p99"),
      [`checkUsage about ${others} customers in turn, p50 ms`]: of("inTurn", "p50"),
    },
  );
}

/** Sets the one limit of the limited customer, as the API does: it raises the billing version. */
async function setLimit(stack: Stack, quantity: number): Promise<void> {
  const definition = JSON.stringify({ policy: "HARD", meterKey, quantity: String(quantity) });
  await stack.client.query("BEGIN");
  const { rows } = await stack.client.query<{ id: string }>(
    "UPDATE customer SET billing_version = billing_version + 1 WHERE external_id = $1 RETURNING id",
    [limited],
  );
  await stack.client.query("UPDATE customer_limit SET ended_by = 'bench', ends_at = starts_at WHERE customer_id = $1", [
    rows[0]?.id,
  ]);
  await stack.client.query(
    `INSERT INTO customer_limit (customer_id, id, source, definition, starts_at, created_by, created_at)
     VALUES ($1, $2, 'CUSTOMER', $3, now() - interval '1 day', 'bench', now())`,
    [rows[0]?.id, randomUUID(), definition],
  );
  await stack.client.query("COMMIT");
}

async function usedOf(stack: Stack): Promise<number> {
  const { rows } = await stack.client.query<{ used: string }>(
    `SELECT coalesce(sum(t.quantity_sum), 0) AS used FROM usage_period_total t JOIN customer c ON c.id = t.customer_id
     WHERE c.external_id = $1 AND t.dimension_key = ''`,
    [limited],
  );
  return Number(rows[0]?.used);
}
