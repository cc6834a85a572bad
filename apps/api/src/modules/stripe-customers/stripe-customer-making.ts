import type { Database } from "../../platform/database/index.ts";
import { classifyStripeError, type Stripe, type StripeGateway } from "../../platform/stripe/index.ts";
import { keepStripeCustomer, type StripeCustomerRow } from "./stripe-customer.repository.ts";

/** In the metadata of what we make: whose it is. */
export const customerMetadataKey = "meterline_customer";

const hourMs = 3_600_000;
const secondMs = 1_000;
const mostLookedAt = 1_000;
/** After so many attempts with one idempotency key a stored failure would only be repeated: look, then take another. */
const attemptsPerKey = 4;

/** Names one way of making something: the same key for attempts that may still be under way at Stripe. */
export function makingKey(what: string, attempt: number): string {
  return `meterline-${what}-${Math.floor((attempt - 1) / attemptsPerKey)}`;
}

/** The id of the customer's counterpart at Stripe, which is made if there is none yet. */
export async function ensureStripeCustomer(
  row: StripeCustomerRow,
  attempt: number,
  { gateway, database }: { gateway: StripeGateway; database: Database },
): Promise<string> {
  if (row.stripeCustomerId !== null) return row.stripeCustomerId;
  // An attempt whose answer was lost may have made it.
  const found = attempt === 1 ? null : await findStripeCustomer(gateway, row);
  const made =
    found ??
    (await gateway.stripe.customers.create(
      {
        name: row.name,
        ...(row.email === null ? {} : { email: row.email }),
        ...(row.testClockId === null ? {} : { test_clock: row.testClockId }),
        metadata: { [customerMetadataKey]: row.customerId, meterline_external_id: row.externalId.slice(0, 500) },
      },
      { idempotencyKey: makingKey(`customer-${row.customerId}`, attempt) },
    ));
  await keepStripeCustomer(database, row.customerId, { id: made.id, testClockId: row.testClockId });
  return made.id;
}

/** Among those that were made since the link was wanted; an hour more for clocks that disagree. */
async function findStripeCustomer(gateway: StripeGateway, row: StripeCustomerRow): Promise<Stripe.Customer | null> {
  const since = Math.floor((row.linkedAt - hourMs) / secondMs);
  const clock = row.testClockId === null ? {} : { test_clock: row.testClockId };
  let looked = 0;
  for await (const customer of gateway.stripe.customers.list({ limit: 100, created: { gte: since }, ...clock })) {
    if (customer.metadata[customerMetadataKey] === row.customerId) return customer;
    looked += 1;
    if (looked === mostLookedAt) return null;
  }
  return null;
}

/** The customer as Stripe has it; null where it is deleted or unknown there. */
export async function readStripeCustomer(
  gateway: StripeGateway,
  stripeCustomerId: string,
): Promise<Stripe.Customer | null> {
  try {
    const customer = await gateway.stripe.customers.retrieve(stripeCustomerId);
    return customer.deleted === true ? null : customer;
  } catch (error) {
    if (classifyStripeError(error).code === "resource_missing") return null;
    throw error;
  }
}
