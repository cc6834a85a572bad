import { createHash, randomUUID } from "node:crypto";
import type pg from "pg";

/** What every benchmark records on: a SUM meter without groups, on a plan with an allowance and tiers. */
export const meterKey = "calls";

/** The external id of the customer with a number. */
export const customerName = (number: number): string => `customer-${number}`;

const plan = {
  key: "bench",
  name: "Bench",
  currency: "USD",
  baseAmount: "10",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [
    {
      meterKey,
      model: "GRADUATED",
      includedQuantity: "1000",
      tiers: [
        { upTo: "100000", unitPrice: "0.001" },
        { upTo: null, unitPrice: "0.0005" },
      ],
    },
  ],
};

/** Fills an empty database with customers on a plan; answers an API key with every scope that the benchmarks need. */
export async function seed(client: pg.Client, customers: number): Promise<string> {
  const apiKey = `ml_${"bench".repeat(8)}abc`;
  const planVersionId = randomUUID();
  const hash = createHash("sha256").update(apiKey).digest();
  const startsAt = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1));
  await client.query(
    "INSERT INTO api_key (id, name, prefix, secret_hash, scopes, created_at) VALUES ($1, 'bench', 'ml_bench', $2, $3, now())",
    [randomUUID(), hash, ["usage:write", "usage:read", "customers:write"]],
  );
  await client.query(
    "INSERT INTO meter (id, key, name, unit, aggregation, created_at) VALUES ($1, $2, 'Calls', 'calls', 'SUM', now())",
    [randomUUID(), meterKey],
  );
  await client.query("INSERT INTO plan (key, created_at) VALUES ('bench', now())");
  await client.query(
    `INSERT INTO plan_version (id, plan_key, version, name, currency, definition, created_at)
     VALUES ($1, 'bench', 1, 'Bench', 'USD', $2, now())`,
    [planVersionId, JSON.stringify(plan)],
  );
  await client.query(
    `INSERT INTO customer (id, external_id, name, currency, time_zone, go_live_at, created_at)
     SELECT gen_random_uuid(), 'customer-' || n, 'Customer ' || n, 'USD', 'UTC', $2, $2 FROM generate_series(0, $1::int - 1) n`,
    [customers, startsAt],
  );
  await client.query(
    `INSERT INTO plan_subscription (customer_id, id, plan_version_id, starts_at, anchor_at, created_at)
     SELECT id, gen_random_uuid(), $1, $2, $2, $2 FROM customer`,
    [planVersionId, startsAt],
  );
  await client.query("ANALYZE");
  return apiKey;
}
