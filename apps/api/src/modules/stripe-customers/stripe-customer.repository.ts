import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { StripeItemLink } from "../stripe-catalog/index.ts";

/** A customer that is linked or is to be; no id while Stripe's customer is not made yet. */
export type StripeCustomerRow = {
  customerId: string;
  stripeCustomerId: string | null;
  testClockId: string | null;
  deletedAt: EpochMs | null;
  linkedAt: EpochMs;
  name: string;
  email: string | null;
  externalId: string;
};

/** The customer with what Stripe is told of it, or null where it is not to be billed through Stripe. */
export async function stripeCustomerRow(sql: Sql, customerId: string): Promise<StripeCustomerRow | null> {
  const [row] = await sql.query<{
    stripe_customer_id: string | null;
    test_clock_id: string | null;
    deleted_at: Date | null;
    linked_at: Date;
    name: string;
    email: string | null;
    external_id: string;
  }>(
    `SELECT s.stripe_customer_id, s.test_clock_id, s.deleted_at, s.linked_at, c.name, c.email, c.external_id
     FROM stripe_customer s JOIN customer c ON c.id = s.customer_id WHERE s.customer_id = $1`,
    [customerId],
  );
  if (row === undefined) return null;
  return {
    customerId,
    stripeCustomerId: row.stripe_customer_id,
    testClockId: row.test_clock_id,
    deletedAt: row.deleted_at?.getTime() ?? null,
    linkedAt: row.linked_at.getTime(),
    name: row.name,
    email: row.email,
    externalId: row.external_id,
  };
}

/** Wants a customer billed through Stripe; answers whether that is new. */
export async function insertStripeCustomer(
  sql: Sql,
  link: { customerId: string; stripeCustomerId: string | null; testClockId: string | null; now: EpochMs },
): Promise<boolean> {
  const { customerId, stripeCustomerId, testClockId, now } = link;
  const rows = await sql.query(
    `INSERT INTO stripe_customer (customer_id, stripe_customer_id, test_clock_id, adopted, linked_at)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (customer_id) DO NOTHING RETURNING customer_id`,
    [customerId, stripeCustomerId, testClockId, stripeCustomerId !== null, new Date(now)],
  );
  return rows.length > 0;
}

/** Writes down which customer was made at Stripe. */
export async function keepStripeCustomer(
  sql: Sql,
  customerId: string,
  made: { id: string; testClockId: string | null },
): Promise<void> {
  await sql.query(
    `UPDATE stripe_customer SET stripe_customer_id = $2, test_clock_id = $3
     WHERE customer_id = $1 AND stripe_customer_id IS NULL`,
    [customerId, made.id, made.testClockId],
  );
}

/** Has a customer looked at now, and again from its first attempt. In the transaction of what made it necessary. */
export async function requestSync(sql: Sql, customerId: string, now: EpochMs): Promise<void> {
  await sql.query(
    `INSERT INTO stripe_sync (customer_id, state, due_at)
     SELECT customer_id, 'WAITING', $2 FROM stripe_customer WHERE customer_id = $1
     ON CONFLICT (customer_id) DO UPDATE SET state = 'WAITING', due_at = excluded.due_at, attempts = 0`,
    [customerId, new Date(now)],
  );
}

/** What a Stripe subscription is to one of ours, as it was seen. */
export type SubscriptionLinkRow = {
  customerId: string;
  planSubscriptionId: string;
  stripeSubscriptionId: string;
  status: string;
  startsAt: EpochMs;
  cancelAt: EpochMs | null;
  endedAt: EpochMs | null;
  items: readonly StripeItemLink[];
  now: EpochMs;
};

/** Writes what was seen of a Stripe subscription. */
export async function writeSubscriptionLink(sql: Sql, link: SubscriptionLinkRow): Promise<void> {
  const at = (instant: EpochMs | null) => (instant === null ? null : new Date(instant));
  await sql.query(
    `INSERT INTO stripe_subscription (customer_id, plan_subscription_id, stripe_subscription_id, status, starts_at,
       cancel_at, ended_at, items, created_at, seen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
     ON CONFLICT (customer_id, plan_subscription_id) DO UPDATE SET status = excluded.status,
       cancel_at = excluded.cancel_at, ended_at = excluded.ended_at, items = excluded.items, seen_at = excluded.seen_at`,
    [
      link.customerId,
      link.planSubscriptionId,
      link.stripeSubscriptionId,
      link.status,
      at(link.startsAt),
      at(link.cancelAt),
      at(link.endedAt),
      JSON.stringify(link.items),
      at(link.now),
    ],
  );
}

/** A price from before Billing Meters that bills one of our plans. */
export type LegacyPriceRow = { priceId: string; meterKey: string | null; productId: string; lookupKey: string };

/**
 * Writes down which prices bill a plan version by usage records. They are never in force: nobody new gets them. Answers the
 * one that stands for something else already, or null.
 */
export async function keepLegacyPrices(
  sql: Sql,
  of: { planVersionId: string; prices: readonly LegacyPriceRow[]; now: EpochMs },
): Promise<string | null> {
  const content = JSON.stringify({ billedBy: "USAGE_RECORDS" });
  for (const { priceId, meterKey, productId, lookupKey } of of.prices) {
    await sql.query(
      `INSERT INTO stripe_price (stripe_price_id, plan_version_id, meter_id, product_id, lookup_key, content, active,
         adopted, superseded_at, created_at)
       VALUES ($1, $2, (SELECT id FROM meter WHERE key = $3), $4, $5, $6, true, true, $7, $7)
       ON CONFLICT (stripe_price_id) DO NOTHING`,
      [priceId, of.planVersionId, meterKey, productId, lookupKey, content, new Date(of.now)],
    );
  }
  const owners = await priceOwner(
    sql,
    of.prices.map((price) => price.priceId),
  );
  const taken = of.prices.find(({ priceId, meterKey }) => {
    const owner = owners.get(priceId);
    return owner?.planVersionId !== of.planVersionId || owner.meterKey !== meterKey;
  });
  return taken?.priceId ?? null;
}

/** How bringing one customer to Stripe stands. */
export type SyncRow = {
  state: string;
  note: string | null;
  attempts: number;
  lastError: string | null;
  dueAt: Date | null;
};

/** Null where nothing was ever wanted. */
export async function syncRow(sql: Sql, customerId: string): Promise<SyncRow | null> {
  const [row] = await sql.query<SyncRow>(
    `SELECT state, note, attempts, last_error AS "lastError", due_at AS "dueAt" FROM stripe_sync WHERE customer_id = $1`,
    [customerId],
  );
  return row ?? null;
}

/** Which plan version and meter a Stripe price was made for; null where it is none of ours. */
export async function priceOwner(
  sql: Sql,
  stripePriceIds: readonly string[],
): Promise<Map<string, { planVersionId: string; meterKey: string | null }>> {
  const rows = await sql.query<{ stripe_price_id: string; plan_version_id: string; key: string | null }>(
    `SELECT p.stripe_price_id, p.plan_version_id, m.key FROM stripe_price p LEFT JOIN meter m ON m.id = p.meter_id
     WHERE p.stripe_price_id = ANY ($1)`,
    [stripePriceIds],
  );
  return new Map(rows.map((row) => [row.stripe_price_id, { planVersionId: row.plan_version_id, meterKey: row.key }]));
}
