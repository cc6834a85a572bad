import type { EpochMs, PlanDefinition } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { Stripe } from "../../platform/stripe/index.ts";
import type { OurPlanVersion, StoredLinks } from "./stripe-changes.ts";
import { priceSlot } from "./stripe-changes.ts";
import type { PriceContent } from "./stripe-price-content.ts";

/** The latest version of every plan, and older ones that somebody is on or will be; by key and version. */
export async function planVersionsForStripe(sql: Sql, now: EpochMs): Promise<OurPlanVersion[]> {
  const rows = await sql.query<{ id: string; version: number; definition: PlanDefinition }>(
    `SELECT v.id, v.version, v.definition FROM plan_version v
     WHERE v.version = (SELECT max(version) FROM plan_version l WHERE l.plan_key = v.plan_key)
       OR EXISTS (SELECT FROM plan_subscription s
                  WHERE s.plan_version_id = v.id AND (s.ends_at IS NULL OR s.ends_at > $1))
     ORDER BY v.plan_key, v.version LIMIT 20000`,
    [new Date(now)],
  );
  return rows;
}

/** Everything that was made or adopted before. */
export async function readStoredLinks(sql: Sql): Promise<StoredLinks> {
  const meters = await sql.query<{ key: string; stripe_meter_id: string; adopted: boolean }>(
    "SELECT m.key, s.stripe_meter_id, s.adopted FROM stripe_meter s JOIN meter m ON m.id = s.meter_id LIMIT 10000",
  );
  const prices = await sql.query<{
    plan_version_id: string;
    key: string | null;
    stripe_price_id: string;
    active: boolean;
  }>(
    `SELECT p.plan_version_id, m.key, p.stripe_price_id, p.active
     FROM stripe_price p LEFT JOIN meter m ON m.id = p.meter_id WHERE p.superseded_at IS NULL LIMIT 400000`,
  );
  return {
    meters: new Map(meters.map((row) => [row.key, { stripeMeterId: row.stripe_meter_id, adopted: row.adopted }])),
    prices: new Map(
      prices.map((row) => [
        priceSlot(row.plan_version_id, row.key),
        { stripePriceId: row.stripe_price_id, active: row.active },
      ]),
    ),
  };
}

/** Links a meter of ours to one at Stripe, in place of any before. */
export async function writeMeterLink(
  sql: Sql,
  link: { meterId: string; stripe: Stripe.Billing.Meter; adopted: boolean; now: EpochMs },
): Promise<void> {
  const { meterId, stripe, adopted, now } = link;
  await sql.query(
    `INSERT INTO stripe_meter AS stored (meter_id, stripe_meter_id, event_name, formula, customer_key, value_key, active,
       adopted, linked_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (meter_id) DO UPDATE SET stripe_meter_id = excluded.stripe_meter_id, event_name = excluded.event_name,
       formula = excluded.formula, customer_key = excluded.customer_key, value_key = excluded.value_key,
       active = excluded.active,
       adopted = CASE WHEN stored.stripe_meter_id = excluded.stripe_meter_id THEN stored.adopted ELSE excluded.adopted END`,
    [
      meterId,
      stripe.id,
      stripe.event_name,
      stripe.default_aggregation.formula,
      stripe.customer_mapping.event_payload_key,
      stripe.value_settings.event_payload_key,
      stripe.status === "active",
      adopted,
      new Date(now),
    ],
  );
}

/** Puts a price in force for a plan version and meter; the one before stays, superseded. */
export async function writePriceLink(
  sql: Sql,
  link: {
    planVersionId: string;
    meterKey: string | null;
    stripePriceId: string;
    lookupKey: string;
    content: PriceContent;
    adopted: boolean;
    now: EpochMs;
  },
): Promise<void> {
  const { planVersionId, meterKey, stripePriceId, lookupKey, content, adopted, now } = link;
  const meterId = "(SELECT id FROM meter WHERE key = $2)";
  await sql.query(
    `UPDATE stripe_price SET superseded_at = $4
     WHERE plan_version_id = $1 AND meter_id IS NOT DISTINCT FROM ${meterId} AND superseded_at IS NULL
       AND stripe_price_id <> $3`,
    [planVersionId, meterKey, stripePriceId, new Date(now)],
  );
  await sql.query(
    `INSERT INTO stripe_price (stripe_price_id, plan_version_id, meter_id, product_id, lookup_key, content, active,
       adopted, created_at)
     VALUES ($3, $1, ${meterId}, $4, $5, $6, true, $7, $8)
     ON CONFLICT (stripe_price_id) DO UPDATE SET active = true, superseded_at = NULL`,
    [
      planVersionId,
      meterKey,
      stripePriceId,
      content.productId,
      lookupKey,
      JSON.stringify(content),
      adopted,
      new Date(now),
    ],
  );
}

/** A price in force, as `stripe-customers` needs it. */
export type PriceInForce = { stripePriceId: string; meterKey: string | null; active: boolean };

/** The prices in force of a plan version: the base fee first, then by meter. */
export async function pricesInForce(sql: Sql, planVersionId: string): Promise<PriceInForce[]> {
  const rows = await sql.query<{ stripe_price_id: string; key: string | null; active: boolean }>(
    `SELECT p.stripe_price_id, m.key, p.active FROM stripe_price p LEFT JOIN meter m ON m.id = p.meter_id
     WHERE p.plan_version_id = $1 AND p.superseded_at IS NULL ORDER BY m.key NULLS FIRST LIMIT 100`,
    [planVersionId],
  );
  return rows.map((row) => ({ stripePriceId: row.stripe_price_id, meterKey: row.key, active: row.active }));
}
