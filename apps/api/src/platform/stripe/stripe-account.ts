import type { EpochMs } from "@meterline/billing-domain";
import type { Database } from "../database/index.ts";
import { classifyStripeError } from "./stripe-failure.ts";
import type { StripePlace } from "./stripe-settings.ts";

const placeWords: Record<StripePlace, string> = {
  SANDBOX: "a sandbox",
  TEST: "the test mode of an account",
  LIVE: "the live mode of an account",
};

/**
 * Settles which place the Stripe ids in this database belong to. Answers why the configured one cannot be used: ids of
 * one place mean nothing in another, and everything would be made there a second time. While nothing is linked, the
 * configured place takes over.
 */
export function claimStripePlace(database: Database, place: StripePlace, now: EpochMs): Promise<string | null> {
  return database.transaction(async (transaction) => {
    await transaction.query(
      "INSERT INTO stripe_account (place, linked_at) VALUES ($1, $2) ON CONFLICT (is_only) DO NOTHING",
      [place, new Date(now)],
    );
    const [stored] = await transaction.query<{ place: StripePlace; linked: boolean }>(
      `SELECT place, EXISTS (SELECT FROM stripe_meter) OR EXISTS (SELECT FROM stripe_customer)
         OR EXISTS (SELECT FROM stripe_price) AS linked
       FROM stripe_account FOR UPDATE`,
    );
    if (stored === undefined || stored.place === place) return null;
    if (stored.linked)
      return (
        `STRIPE_API_KEY: belongs to ${placeWords[place]}, and the catalog and customers of this database are linked to ` +
        `${placeWords[stored.place]}. Put that key back, or use another database (npm start: another STATE_DIR, or --fresh)`
      );
    await transaction.query("UPDATE stripe_account SET place = $1, account_id = NULL, linked_at = $2", [
      place,
      new Date(now),
    ]);
    return null;
  });
}

/**
 * Settles which account of that place it is, once something is linked. Answers why the configured key cannot be used. Where
 * Stripe cannot be asked now, the start goes on: an outage there is no reason to refuse usage here.
 */
export async function claimStripeAccount(
  database: Database,
  readAccountId: () => Promise<string>,
): Promise<string | null> {
  const [linked] = await database.query(
    `SELECT FROM stripe_account WHERE EXISTS (SELECT FROM stripe_meter) OR EXISTS (SELECT FROM stripe_customer)
       OR EXISTS (SELECT FROM stripe_price)`,
  );
  if (linked === undefined) return null;
  let accountId: string;
  try {
    accountId = await readAccountId();
  } catch (error) {
    // A refused key is told by the first call that needs it; throws for what is none of Stripe's failures.
    classifyStripeError(error);
    return null;
  }
  const [stored] = await database.query<{ account_id: string }>(
    "UPDATE stripe_account SET account_id = coalesce(account_id, $1) RETURNING account_id",
    [accountId],
  );
  if (stored === undefined || stored.account_id === accountId) return null;
  return (
    `STRIPE_API_KEY: belongs to the account ${accountId}, and the catalog and customers of this database are linked to ` +
    `${stored.account_id}. Put that account's key back, or use another database`
  );
}
