import { randomUUID } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type CatalogChangePlan, type StoredCatalog } from "./catalog-difference.ts";
import { selectMeters } from "./meters.ts";
import { latestPlanVersions } from "./plan-version.read-model.ts";

/** Class 7002 of the advisory locks has one lock: whoever applies a catalog holds it to the end. */
const catalogLock = "SELECT pg_advisory_xact_lock(7002, 0)";

/** Waits until nobody else applies a catalog; for the rest of the transaction nobody will. */
export async function lockCatalog(sql: Sql): Promise<void> {
  await sql.query(catalogLock);
}

/** Every meter, and the latest version of every plan, both by key. */
export async function readStoredCatalog(sql: Sql): Promise<StoredCatalog> {
  const meters = await selectMeters(sql, null);
  const plans = await latestPlanVersions(sql);
  return {
    meters: meters.map((meter) => meter.definition),
    plans: plans.map(({ version, definition }) => ({ version, definition })),
  };
}

/** Writes what a plan says, in bulk. Plan versions are only ever added. */
export async function writeCatalogChange(sql: Sql, plan: CatalogChangePlan, now: EpochMs): Promise<void> {
  const at = new Date(now);
  if (plan.newMeters.length > 0) {
    const rows = plan.newMeters.map((meter) => ({ id: randomUUID(), ...meter }));
    await sql.query(insertMeters, [JSON.stringify(rows), at]);
  }
  if (plan.changedMeters.length > 0) await sql.query(updateMeters, [JSON.stringify(plan.changedMeters)]);
  if (plan.newPlanVersions.length > 0) {
    const rows = plan.newPlanVersions.map((one) => ({ id: randomUUID(), ...one }));
    await sql.query(insertPlans, [rows.map((row) => row.definition.key), at]);
    await sql.query(insertPlanVersions, [JSON.stringify(rows), at]);
  }
}

const insertMeters = `
  INSERT INTO meter (id, key, name, unit, aggregation, value_property, group_by, filters, allow_negative,
    requires_subscription, carry_over, stripe_transport, stripe_event_name, created_at)
  SELECT m.id, m.key, m.name, m.unit, m.aggregation, m."valueProperty", m."groupBy", m.filters, m."allowNegative",
    m."requiresSubscription", m."carryOver", m."stripeTransport", m."stripeEventName", $2
  FROM jsonb_to_recordset($1::jsonb) AS m (id uuid, key text, name text, unit text, aggregation text,
    "valueProperty" text, "groupBy" text[], filters jsonb, "allowNegative" boolean, "requiresSubscription" boolean,
    "carryOver" boolean, "stripeTransport" text, "stripeEventName" text)`;

const updateMeters = `
  UPDATE meter SET name = m.name, unit = m.unit, requires_subscription = m."requiresSubscription",
    stripe_transport = m."stripeTransport", stripe_event_name = m."stripeEventName"
  FROM jsonb_to_recordset($1::jsonb) AS m (key text, name text, unit text, "requiresSubscription" boolean,
    "stripeTransport" text, "stripeEventName" text)
  WHERE meter.key = m.key`;

const insertPlans = `
  INSERT INTO plan (key, created_at) SELECT key, $2 FROM unnest($1::text[]) AS key ON CONFLICT (key) DO NOTHING`;

const insertPlanVersions = `
  INSERT INTO plan_version (id, plan_key, version, name, currency, definition, created_at)
  SELECT v.id, v.definition ->> 'key', v.version, v.definition ->> 'name', v.definition ->> 'currency', v.definition, $2
  FROM jsonb_to_recordset($1::jsonb) AS v (id uuid, version integer, definition jsonb)`;
