import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCustomer, record, startTestSystem, type TestSystem, usageItem } from "../../testing/test-system.ts";
import type { Database } from "./database.ts";
import type { Sql } from "./sql.ts";

let system: TestSystem;
let database: Database;
let own: string;

/** Tables with rows of customers, and the column that says whose. */
const walled = {
  alert: "customer_id",
  alert_delivery: "customer_id",
  alert_delivery_attempt: "customer_id",
  alert_rule: "customer_id",
  alert_settings: "customer_id",
  customer: "id",
  customer_limit: "customer_id",
  frozen_period: "customer_id",
  frozen_usage: "customer_id",
  late_usage_line: "customer_id",
  late_usage_mark: "customer_id",
  limit_counter: "customer_id",
  member: "customer_id",
  plan_subscription: "customer_id",
  statement: "customer_id",
  statement_line: "customer_id",
  statement_payment: "customer_id",
  stripe_customer: "customer_id",
  stripe_subscription: "customer_id",
  usage_dimension: "customer_id",
  usage_event: "customer_id",
  usage_hold: "customer_id",
  usage_period_total: "customer_id",
  usage_rollup: "customer_id",
  usage_unique_value: "customer_id",
  webhook_endpoint: "customer_id",
} as const;
/** What every member may read: what is measured, and, of what it costs, the plans that its customer was on. */
const open = ["meter", "plan_version", "stripe_meter"];

beforeAll(async () => {
  system = await startTestSystem();
  database = system.container.database;
  own = await newCustomer(system, { planKey: "standard" });
  const other = await newCustomer(system, { planKey: "standard" });
  for (const customerId of [own, other]) {
    await system.container.members.add(null, { customerId, userId: `person of ${customerId}`, role: "OWNER" });
    const counted = usageItem({ customerId, properties: { model: "m", region: "eu" } });
    const distinct = usageItem({ customerId, meterKey: "users", properties: { user: "u1" } });
    await record(system.container, counted, distinct);
    // The same key with another quantity leaves a conflict.
    await record(system.container, { ...counted, quantity: "2" });
    await writeAlertRows(customerId);
    await writeLimitRows(customerId);
    await writeBillingRows(customerId);
  }
});
afterAll(() => system.close());

/** A limit that has a counter, and a hold under it. */
async function writeLimitRows(customerId: string): Promise<void> {
  const { limiting, holding } = system.container;
  await limiting.limits.set(null, customerId, { policy: "HARD", meterKey: "units", quantity: "5", period: "LIFETIME" });
  await record(system.container, usageItem({ customerId, meterKey: "units" }));
  await holding.holds.hold({
    kind: "RESERVATION",
    customer: { customerId, externalCustomerId: null },
    meterKey: "units",
    quantity: "1",
    properties: null,
    seconds: 60,
    idempotencyKey: "a hold",
    createdBy: "a test",
  });
}

/** A row in each table of alerts, whatever it says. */
async function writeAlertRows(customerId: string): Promise<void> {
  const id = randomUUID();
  const statements = [
    `INSERT INTO alert_rule (customer_id, id, kind, basis, source, channels, created_by, created_at, updated_at)
     VALUES ($1, $2, 'DROP', 'PATTERN', 'MEMBER', '{}', 'x', now(), now())`,
    "INSERT INTO alert_settings (customer_id, updated_at) SELECT $1, now() WHERE $2::uuid IS NOT NULL",
    `INSERT INTO alert (customer_id, id, sequence, rule_id, kind, basis, severity, threshold_key, basis_value,
       threshold_value, crossing_value, period_start, period_end, crossed_at)
     VALUES ($1, $2, 1, $2, 'DROP', 'PATTERN', 'INFO', 'x', 1, 1, 1, now(), now(), now())`,
    `INSERT INTO alert_delivery (customer_id, id, alert_id, channel, target, state, queued_at)
     VALUES ($1, $2, $2, 'IN_APP', '', 'SENT', now())`,
    "INSERT INTO alert_delivery_attempt (customer_id, delivery_id, number, sent_at) VALUES ($1, $2, 1, now())",
    `INSERT INTO webhook_endpoint (customer_id, id, url, state, created_by, created_at)
     VALUES ($1, $2, 'https://example.com', 'ACTIVE', 'x', now())`,
  ];
  for (const statement of statements) await database.query(statement, [customerId, id]);
}

/** A row in each table of closed periods, statements and Stripe, whatever it says. */
async function writeBillingRows(customerId: string): Promise<void> {
  const id = randomUUID();
  const statements = [
    `INSERT INTO frozen_period (customer_id, period_start, period_end, subscription_id, currency, bill, frozen_at)
     VALUES ($1, now(), now(), $2, 'USD', '{}', now())`,
    "INSERT INTO frozen_usage (customer_id, meter_id, period_start, event_count) VALUES ($1, $2, now(), 1)",
    `INSERT INTO late_usage_line (customer_id, source_start, billed_start, meter_key, source_end, position, quantity,
       amount_minor, detail) SELECT $1, now(), now(), 'units', now(), 1, 1, 1, '{}' WHERE $2::uuid IS NOT NULL`,
    "INSERT INTO late_usage_mark (customer_id, meter_id, period_start) VALUES ($1, $2, now())",
    `INSERT INTO statement (customer_id, id, kind, period_start, period_end, subscription_id, currency, total_minor,
       state, issued_at) VALUES ($1, $2, 'PERIOD_END', now(), now(), $2, 'USD', 1, 'PREPARING', now())`,
    `INSERT INTO statement_line (customer_id, statement_id, position, key, kind, label, line_start, line_end,
       amount_minor, rated_by, detail) VALUES ($1, $2, 1, 'x', 'USAGE', 'x', now(), now(), 1, 'STRIPE', '{}')`,
    `INSERT INTO statement_payment (customer_id, statement_id, invoice_status, total_minor, amount_due_minor,
       amount_paid_minor, seen_at) VALUES ($1, $2, 'open', 1, 1, 0, now())`,
    `INSERT INTO stripe_customer (customer_id, stripe_customer_id, adopted, linked_at)
     VALUES ($1, 'cus_' || $2::uuid, false, now())`,
    `INSERT INTO stripe_subscription (customer_id, plan_subscription_id, stripe_subscription_id, status, starts_at,
       items, created_at, seen_at) VALUES ($1, $2, 'sub_x', 'active', now(), '[]', now(), now())`,
  ];
  for (const statement of statements) await database.query(statement, [customerId, id]);
}

async function tables(): Promise<string[]> {
  const rows = await database.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
  );
  return rows.map((row) => row.tablename);
}

describe("the second wall", () => {
  test.each(Object.entries(walled))(
    "%s shows a member its own rows and no other, without any WHERE",
    async (table, column) => {
      const all = await database.query<{ owner: string }>(`SELECT DISTINCT ${column}::text AS owner FROM ${table}`);
      expect(all).toHaveLength(2);
      const seen = await database.asMember(own, (sql) =>
        sql.query<{ owner: string }>(`SELECT DISTINCT ${column}::text AS owner FROM ${table}`),
      );
      expect(seen).toEqual([{ owner: own }]);
    },
  );

  test("of plans a member sees the versions that its customer was ever on, not another's prices", async () => {
    const keys = (sql: Sql) => sql.query<{ key: string }>("SELECT plan_key AS key FROM plan_version ORDER BY 1");
    expect(await keys(database)).toEqual([{ key: "standard" }, { key: "weekly" }]);
    expect(await database.asMember(own, keys)).toEqual([{ key: "standard" }]);
  });

  test("every other table is closed to members, but for the catalog", async () => {
    const readable: string[] = [];
    for (const table of await tables()) {
      const seen = database.asMember(own, (sql) => sql.query(`SELECT 1 FROM ${table} LIMIT 1`));
      if (
        await seen.then(
          () => true,
          (error: { code?: string }) => error.code !== "42501",
        )
      )
        readable.push(table);
    }
    expect(readable).toEqual([...Object.keys(walled), ...open].toSorted());
  });

  test.each(["auth_portal", "auth_admin"])("the sign-ins of %s are closed to members", async (schema) => {
    const read = database.asMember(own, (sql) => sql.query(`SELECT 1 FROM ${schema}."user"`));
    await expect(read).rejects.toMatchObject({ code: "42501" });
  });

  test("a member writes to no table, neither read-only nor by rights", async () => {
    for (const table of await tables()) {
      const deleted = database.asMember(own, (sql) => sql.query(`DELETE FROM ${table}`));
      await expect(deleted).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|25006)$/) });
    }
    const rights = await database.query(
      `SELECT table_name FROM information_schema.role_table_grants
       WHERE grantee = 'meterline_member' AND privilege_type <> 'SELECT'`,
    );
    expect(rights).toEqual([]);
    const created = database.asMember(own, (sql) => sql.query("CREATE TABLE t (a int)"));
    await expect(created).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|25006)$/) });
  });

  test("an unknown customer sees nothing", async () => {
    for (const table of Object.keys(walled)) {
      expect(await database.asMember(randomUUID(), (sql) => sql.query(`SELECT 1 FROM ${table}`))).toEqual([]);
    }
  });

  test.each(["", "x", "'; RESET ROLE; --", "6B1F3C1E-0000-4000-8000-000000000000", `${randomUUID()}' `])(
    "asMember refuses %j, which is no UUID",
    async (customerId) => {
      await expect(database.asMember(customerId, async () => "ran")).rejects.toThrow("Invariant broken");
    },
  );

  test("the connection is nobody's again afterwards, also when the work failed", async () => {
    const failing = database.asMember(own, (sql) => sql.query("SELECT 1 / 0"));
    await expect(failing).rejects.toMatchObject({ code: "22012" });
    const [row] = await database.query<{ role: string; customer: string | null }>(
      "SELECT current_user AS role, nullif(current_setting('meterline.customer_id', true), '') AS customer",
    );
    expect(row).toEqual({ role: "meterline", customer: null });
  });
});
