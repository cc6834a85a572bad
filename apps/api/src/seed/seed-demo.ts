import { readFile } from "node:fs/promises";
import type { EpochMs } from "@meterline/billing-domain";
import { parse } from "yaml";
import type { Container } from "../container.ts";
import type { IngestItem } from "../modules/ingestion/index.ts";
import { ensurePerson } from "../platform/auth/index.ts";
import { type DemoCustomer, demoCustomers, demoPassword, demoStaffEmail } from "./demo-customers.ts";
import { demoUsage } from "./demo-usage.ts";
import { instanceApiKey, writeInstanceFile } from "./instance-file.ts";

const batchSize = 1_000;
const monthsBack = 2;

/**
 * Fills an empty system with clearly marked demo data, once: catalog, customers, sign-ins, an API key and usage of the
 * current and the two periods before. A seed that was interrupted goes on where it stopped.
 */
export async function seedDemo(container: Container): Promise<void> {
  const { database, config, logger, clock } = container;
  if (await isSeeded(container)) return;
  const [{ count } = { count: "0" }] = await database.query<{ count: string }>(
    "SELECT count(*) FROM customer WHERE external_id <> ALL ($1::text[])",
    [demoCustomers.map((customer) => customer.externalId)],
  );
  // A system with customers of its own is not a demo.
  if (count !== "0") return;
  logger.info("seeding demo data");
  const now = clock.now();
  await applyCatalog(container);
  let events = 0;
  for (const customer of demoCustomers) events += await seedCustomer(container, customer, now);
  await ensurePerson(container.signIn.admin, { email: demoStaffEmail, name: "Demo staff", password: demoPassword });
  const { secret } = await container.apiKeys.create(null, {
    name: "Demo key (all scopes)",
    scopes: ["usage:write", "usage:backfill", "usage:read", "catalog:write", "customers:write"],
  });
  await writeInstanceFile(config, secret);
  logger.info({ customers: demoCustomers.length, events }, "seeded demo data");
}

/** Seeding ends with the instance file; a key in it that the database does not know belongs to an older database. */
async function isSeeded(container: Container): Promise<boolean> {
  const apiKey = await instanceApiKey(container.config);
  return apiKey !== null && (await container.apiKeys.authenticate(apiKey)) !== null;
}

async function applyCatalog(container: Container): Promise<void> {
  const catalog: unknown = parse(await readFile(container.config.catalogFile, "utf8"));
  const { digest } = await container.catalog.difference(catalog);
  await container.catalog.apply(null, catalog, digest);
}

async function seedCustomer(container: Container, customer: DemoCustomer, now: EpochMs): Promise<number> {
  const { externalId, name, currency, timeZone, planKey } = customer;
  const startsAt = firstPeriodStart(customer.anchorDay, now);
  const goLiveAt = new Date(startsAt).toISOString();
  const made = await container.customers.create(null, { externalId, name, currency, timeZone, goLiveAt });
  const ref = { customerId: made.id, externalCustomerId: null };
  await container.subscriptions.create(null, ref, { planKey, startsAt, anchorAt: startsAt });
  const userId = await ensurePerson(container.signIn.portal, {
    email: customer.memberEmail,
    name: `Member of ${name}`,
    password: demoPassword,
  });
  await container.members.add(null, { customerId: made.id, userId, role: "OWNER" });
  return record(container, demoUsage(customer, { startAt: startsAt, endAt: now }), now);
}

async function record(container: Container, usage: Iterable<IngestItem>, now: EpochMs): Promise<number> {
  let recorded = 0;
  let batch: IngestItem[] = [];
  const flush = async () => {
    const outcomes = await container.ingestion.record(batch, { mayBackfill: true });
    const refused = outcomes.find((outcome) => outcome.outcome === "REJECTED");
    if (refused?.outcome === "REJECTED") throw new Error(`The demo's usage was refused: ${refused.rejection.message}`);
    recorded += batch.length;
    batch = [];
  };
  for (const item of usage) {
    if (item.occurredAt !== null && Date.parse(item.occurredAt) > now) continue;
    batch.push(item);
    if (batch.length === batchSize) await flush();
  }
  if (batch.length > 0) await flush();
  return recorded;
}

/** The anchor: the given day of the month that lies two whole months back, in a month that has it. */
function firstPeriodStart(anchorDay: number, now: EpochMs): EpochMs {
  const today = new Date(now);
  for (let back = monthsBack; ; back += 1) {
    const at = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, anchorDay);
    const exists = new Date(at).getUTCDate() === anchorDay;
    const wholePeriods = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - monthsBack, today.getUTCDate());
    if (exists && at <= wholePeriods) return at;
  }
}
