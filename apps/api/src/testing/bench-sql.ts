import { customerPeriodAt, decimal } from "@meterline/billing-domain";
import { readOrMakeAuthSecret } from "../auth-secret.ts";
import { readConfig } from "../config.ts";
import { createContainer } from "../container.ts";
import { UsageCommits } from "../modules/ingestion/commit-usage.ts";
import { contentHash, type NewUsageEvent, usageEventId } from "../modules/usage/index.ts";

/**
 * The baseline of the batch benchmark: the statements of ingestion, run straight against PostgreSQL by one client, one
 * batch after the other. The parent says how many batches of how many events; each is prepared before the clock starts.
 */
type Order = { batches: number; batchSize: number; customers: string[]; meterKey: string; run: number };

const config = readConfig();
const container = await createContainer(config, await readOrMakeAuthSecret(config));

const commits = new UsageCommits(container.database);

process.on("message", (order: Order) => void work(order));
process.send?.({ ready: true });

async function work(order: Order): Promise<void> {
  const batches = await prepare(order);
  const startedAt = performance.now();
  for (const batch of batches) await commits.commit(batch);
  process.send?.({ elapsedMs: performance.now() - startedAt });
}

async function prepare({ batches, batchSize, customers, meterKey, run }: Order): Promise<NewUsageEvent[][]> {
  const refs = customers.map((externalCustomerId) => ({ customerId: null, externalCustomerId }));
  const profiles = await container.profiles.find(refs);
  const meter = (await container.meters.find([meterKey])).get(meterKey);
  if (meter === undefined) throw new Error(`no meter ${meterKey}`);
  const now = container.clock.now();
  return Array.from({ length: batches }, (_, batch) =>
    Array.from({ length: batchSize }, (__, index): NewUsageEvent => {
      const number = batch * batchSize + index;
      const profile = profiles[number % profiles.length];
      if (!profile) throw new Error("no customer");
      const idempotencyKey = `sql ${run} ${number}`;
      const occurredAt = now - (number % 3_600) * 1_000;
      return {
        id: usageEventId(profile.customerId, idempotencyKey),
        customerId: profile.customerId,
        billingVersion: profile.billingVersion,
        meterId: meter.id,
        meter: meter.definition,
        quantity: decimal("3"),
        quantityText: "3",
        occurredAt,
        receivedAt: now,
        idempotencyKey,
        contentHash: contentHash(idempotencyKey),
        properties: null,
        uniqueValue: null,
        dimensionKey: null,
        counted: true,
        historical: false,
        late: false,
        period: customerPeriodAt(profile.subscriptions, occurredAt).window,
      };
    }),
  );
}
