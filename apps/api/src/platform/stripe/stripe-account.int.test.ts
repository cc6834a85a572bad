import { startSandbox } from "@meterline/stripe-sandbox";
import { createTestDatabase } from "@meterline/testkit";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../config.ts";
import { createContainer } from "../../container.ts";
import { requireStripePlace } from "../../wiring/stripe.ts";
import { createLogger } from "../observability/index.ts";

/** The parts of a process with these settings, on a database of the test. */
async function processOn(databaseUrl: string, environment: Record<string, string>) {
  const config = readConfig({ DATABASE_URL: databaseUrl, ...environment });
  const container = await createContainer(config, "a secret of the tests, 32 characters long", {
    logger: createLogger("silent"),
  });
  onTestFinished(() => container.close());
  return container;
}

test("a key of another place is refused at start once something is linked, by name and with the way out", async () => {
  const owned = await createTestDatabase();
  // Called in reverse: the database goes last.
  onTestFinished(() => owned.drop());
  const live = await processOn(owned.url, { STRIPE_API_KEY: "sk_live_secret" });
  const sandbox = await processOn(owned.url, {
    STRIPE_API_KEY: "sk_test_x",
    STRIPE_API_URL: "http://127.0.0.1:4242",
  });
  const without = await processOn(owned.url, {});

  await requireStripePlace(live);
  // Nothing is linked yet, so the key may still change.
  await requireStripePlace(sandbox);
  await requireStripePlace(sandbox);
  await sandbox.database.query(
    "INSERT INTO stripe_customer VALUES (gen_random_uuid(), 'cus_1', NULL, false, NULL, now())",
  );
  await requireStripePlace(sandbox);
  await requireStripePlace(without);
  const refusal = requireStripePlace(live);
  await expect(refusal).rejects.toThrow(
    /STRIPE_API_KEY: belongs to the live mode of an account, and .* linked to a sandbox\. Put that key back, or use/,
  );
  await expect(refusal).rejects.not.toThrow(/secret/);
});

test("a key of another account of the same place is refused at start; an outage of Stripe refuses nothing", async () => {
  const owned = await createTestDatabase();
  // Called in reverse: the database goes last.
  onTestFinished(() => owned.drop());
  const sandbox = await startSandbox();
  const here = await processOn(owned.url, { STRIPE_API_KEY: "sk_test_x", STRIPE_API_URL: sandbox.url });

  await requireStripePlace(here);
  const accountOf = async () => (await here.database.query("SELECT account_id FROM stripe_account"))[0];
  expect(await accountOf()).toEqual({ account_id: null });
  await here.database.query(
    "INSERT INTO stripe_customer VALUES (gen_random_uuid(), 'cus_1', NULL, false, NULL, now())",
  );
  await requireStripePlace(here);
  expect(await accountOf()).toEqual({ account_id: "acct_sandbox" });
  await here.database.query("UPDATE stripe_account SET account_id = 'acct_other'");
  await expect(requireStripePlace(here)).rejects.toThrow(
    /STRIPE_API_KEY: belongs to the account acct_sandbox, and .* linked to acct_other\. Put that account's key back/,
  );
  await sandbox.close();
  await requireStripePlace(here);
});
