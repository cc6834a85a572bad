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
  const live = await processOn(owned.url, { STRIPE_API_KEY: "sk_live_secret" });
  const sandbox = await processOn(owned.url, {
    STRIPE_API_KEY: "sk_test_x",
    STRIPE_API_URL: "http://127.0.0.1:4242",
  });
  const without = await processOn(owned.url, {});
  onTestFinished(() => owned.drop());

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
