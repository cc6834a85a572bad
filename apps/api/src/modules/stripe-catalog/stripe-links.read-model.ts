import type { Aggregation, EpochMs, StripeTransport } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** A meter of ours, and the one at Stripe that its reports go to. */
export type StripeMeterLink = {
  meterId: string;
  meterKey: string;
  aggregation: Aggregation;
  transport: StripeTransport;
  /** Null until the catalog was applied to Stripe. Not needed for usage records. */
  stripeMeterId: string | null;
  eventName: string;
  /** How Stripe folds what it is told: deltas into a sum, or the latest value as it is. */
  formula: "sum" | "last";
  /** The keys of an event's payload that hold the customer and the value. */
  customerKey: string;
  valueKey: string;
  /** False while it is deactivated at Stripe, which takes no events then. */
  active: boolean;
};

/** One item of a Stripe subscription; the base fee has no meter. One with a Billing Meter takes no usage records. */
export type StripeItemLink = {
  itemId: string;
  priceId: string;
  meterKey: string | null;
  stripeMeterId?: string | null;
};

/** A subscription of ours, and the one at Stripe that bills it. */
export type StripeSubscriptionLink = {
  planSubscriptionId: string;
  stripeSubscriptionId: string;
  /** Stripe's: active, past_due, canceled … */
  status: string;
  /** Inclusive. */
  startsAt: EpochMs;
  /** Exclusive; null while no end is set. */
  cancelAt: EpochMs | null;
  endedAt: EpochMs | null;
  items: readonly StripeItemLink[];
};

/** A customer of ours, and the one at Stripe that is billed. */
export type StripeCustomerLink = {
  customerId: string;
  stripeCustomerId: string;
  testClockId: string | null;
  /** When Stripe was seen to have deleted it: nothing can be reported any more. */
  deletedAt: EpochMs | null;
  /** By start. */
  subscriptions: readonly StripeSubscriptionLink[];
};

/** Who prices a meter's line of a bill. */
export type RatedBy = "STRIPE" | "METERLINE";

/** What of ours is what at Stripe: every meter, and the asked customers that are linked. */
export type StripeLinks = {
  meters: ReadonlyMap<string, StripeMeterLink>;
  customers: ReadonlyMap<string, StripeCustomerLink>;
};

/** The item of a meter on a subscription; null where Stripe has none, and Meterline prices the line. */
export function itemOfMeter(subscription: StripeSubscriptionLink, meterKey: string): StripeItemLink | null {
  return subscription.items.find((item) => item.meterKey === meterKey) ?? null;
}

/** Stripe prices what it has an item for; Meterline prices the rest and adds it to the draft invoice. */
export function ratedBy(subscription: StripeSubscriptionLink, meterKey: string): RatedBy {
  return itemOfMeter(subscription, meterKey) === null ? "METERLINE" : "STRIPE";
}

/** Reads the links of customers by their ids; who is not linked is left out. Two statements, whatever the number. */
export async function stripeLinks(sql: Sql, customerIds: readonly string[]): Promise<StripeLinks> {
  const customers = customerIds.length === 0 ? [] : await sql.query<CustomerColumns>(selectCustomers, [customerIds]);
  return {
    meters: await stripeMeters(sql),
    customers: new Map(customers.map((row) => [row.customer_id, mapCustomer(row)])),
  };
}

/** Every meter by key, linked or not. */
export async function stripeMeters(sql: Sql): Promise<Map<string, StripeMeterLink>> {
  const rows = await sql.query<MeterColumns>(selectMeters);
  return new Map(rows.map((row) => [row.key, mapMeter(row)]));
}

/** Whose is a Stripe customer? Null where it is none of ours. */
export async function customerOfStripe(sql: Sql, stripeCustomerId: string): Promise<string | null> {
  const [row] = await sql.query<{ customer_id: string }>(
    "SELECT customer_id FROM stripe_customer WHERE stripe_customer_id = $1",
    [stripeCustomerId],
  );
  return row?.customer_id ?? null;
}

/** Which of our subscriptions a Stripe subscription has billed, by start; empty where it is none of ours. */
export async function subscriptionsOfStripe(
  sql: Sql,
  stripeSubscriptionId: string,
): Promise<{ customerId: string; planSubscriptionId: string }[]> {
  const rows = await sql.query<{ customer_id: string; plan_subscription_id: string }>(
    `SELECT customer_id, plan_subscription_id FROM stripe_subscription
     WHERE stripe_subscription_id = $1 ORDER BY starts_at LIMIT 100`,
    [stripeSubscriptionId],
  );
  return rows.map((row) => ({ customerId: row.customer_id, planSubscriptionId: row.plan_subscription_id }));
}

const selectMeters = `
  SELECT m.id, m.key, m.aggregation, m.stripe_transport, m.stripe_event_name, s.stripe_meter_id, s.event_name, s.formula,
    s.customer_key, s.value_key, s.active
  FROM meter m LEFT JOIN stripe_meter s ON s.meter_id = m.id ORDER BY m.key LIMIT 10000`;

// Instants as milliseconds, so that JSON carries them exactly.
const selectCustomers = `
  SELECT c.customer_id, c.stripe_customer_id, c.test_clock_id, c.deleted_at,
    coalesce((
      SELECT json_agg(json_build_object('planSubscriptionId', s.plan_subscription_id,
        'stripeSubscriptionId', s.stripe_subscription_id, 'status', s.status, 'items', s.items,
        'startsAt', (extract(epoch FROM s.starts_at) * 1000)::bigint,
        'cancelAt', (extract(epoch FROM s.cancel_at) * 1000)::bigint,
        'endedAt', (extract(epoch FROM s.ended_at) * 1000)::bigint) ORDER BY s.starts_at)
      FROM stripe_subscription s WHERE s.customer_id = c.customer_id
    ), '[]') AS subscriptions
  FROM stripe_customer c WHERE c.customer_id = ANY ($1::uuid[]) AND c.stripe_customer_id IS NOT NULL`;

type CustomerColumns = {
  customer_id: string;
  stripe_customer_id: string;
  test_clock_id: string | null;
  deleted_at: Date | null;
  subscriptions: StripeSubscriptionLink[];
};

type MeterColumns = {
  id: string;
  key: string;
  aggregation: Aggregation;
  stripe_transport: StripeTransport;
  stripe_event_name: string | null;
  stripe_meter_id: string | null;
  event_name: string | null;
  formula: "sum" | "last" | null;
  customer_key: string | null;
  value_key: string | null;
  active: boolean | null;
};

function mapCustomer(row: CustomerColumns): StripeCustomerLink {
  return {
    customerId: row.customer_id,
    stripeCustomerId: row.stripe_customer_id,
    testClockId: row.test_clock_id,
    deletedAt: row.deleted_at?.getTime() ?? null,
    subscriptions: row.subscriptions,
  };
}

/** Stripe's own defaults, until the catalog was applied. */
function mapMeter(row: MeterColumns): StripeMeterLink {
  return {
    meterId: row.id,
    meterKey: row.key,
    aggregation: row.aggregation,
    transport: row.stripe_transport,
    stripeMeterId: row.stripe_meter_id,
    eventName: row.event_name ?? row.stripe_event_name ?? row.key,
    formula: row.formula ?? "sum",
    customerKey: row.customer_key ?? "stripe_customer_id",
    valueKey: row.value_key ?? "value",
    active: row.active ?? false,
  };
}
