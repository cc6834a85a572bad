import { readFile } from "node:fs/promises";
import type { EpochMs } from "@meterline/billing-domain";
import { parse } from "yaml";
import type { Container } from "../container.ts";
import type { BillingProfile } from "../modules/catalog/index.ts";
import type { IngestItem } from "../modules/ingestion/index.ts";
import { AuditLog } from "../platform/audit/index.ts";
import { apiKeyScopes, ensurePerson } from "../platform/auth/index.ts";
import { processLocks, type Sql, withProcessLock } from "../platform/database/index.ts";
import { invariant } from "../platform/graphql/index.ts";
import { type DemoCustomer, demoCustomers, demoPassword, demoStaffEmail } from "./demo-customers.ts";
import { demoUsage } from "./demo-usage.ts";
import { linkDemoToStripe } from "./link-demo.ts";
import { instanceApiKey, refreshInstanceFile, writeInstanceFile } from "./instance-file.ts";

const batchSize = 1_000;
const monthsBack = 2;
const closeForMs = 60_000;

/** The audit entry that says so: the last thing that seeding writes. */
const seededAction = "demo.seed";

/**
 * Fills an empty system with clearly marked demo data, once: catalog, customers, sign-ins and usage of the current and
 * the two periods before. A seed that was interrupted goes on where it stopped; of several processes that start at
 * once, one seeds. Then says where this instance is, in the instance file.
 */
export async function seedDemo(container: Container): Promise<void> {
  await withProcessLock(container.config.database.url, processLocks.seed, async () => {
    // A system with customers of its own is not a demo.
    if (await hasOwnCustomers(container.database)) return refreshInstanceFile(container.config);
    if (!(await isSeeded(container.database))) await fill(container);
    await linkDemoToStripe(container);
    await writeInstanceFile(container.config, await demoApiKey(container));
  });
}

async function hasOwnCustomers(sql: Sql): Promise<boolean> {
  const demo = demoCustomers.map((customer) => customer.externalId);
  const found = await sql.query("SELECT FROM customer WHERE external_id <> ALL ($1::text[]) LIMIT 1", [demo]);
  return found.length > 0;
}

async function isSeeded(sql: Sql): Promise<boolean> {
  return (await sql.query("SELECT FROM audit_entry WHERE action = $1 LIMIT 1", [seededAction])).length > 0;
}

async function fill(container: Container): Promise<void> {
  const { logger, clock, database } = container;
  logger.info("seeding demo data");
  const now = clock.now();
  await applyCatalog(container);
  let events = 0;
  for (const customer of demoCustomers) events += await seedCustomer(container, customer, now);
  await closePastPeriods(container);
  await ensurePerson(container.signIn.admin, { email: demoStaffEmail, name: "Demo staff", password: demoPassword });
  const detail = { customers: demoCustomers.length, events };
  await new AuditLog(clock).write(database, { actor: "system", action: seededAction, subject: "demo", detail });
  logger.info(detail, "seeded demo data");
}

/** Periods that are over have their statements from the start, instead of at the worker's first look. */
async function closePastPeriods({ closing }: Container): Promise<void> {
  await closing.freezer.freezeDue({
    until: performance.now() + closeForMs,
    onFailure: (_customerId, error) => {
      throw error;
    },
  });
}

/** The key in the instance file, or a new one where the database does not know that: the file is of an older database. */
async function demoApiKey({ config, apiKeys }: Container): Promise<string> {
  const kept = await instanceApiKey(config);
  if (kept !== null && (await apiKeys.authenticate(kept)) !== null) return kept;
  const { secret } = await apiKeys.create(null, { name: "Demo key (all scopes)", scopes: apiKeyScopes });
  return secret;
}

async function applyCatalog(container: Container): Promise<void> {
  const catalog: unknown = parse(await readFile(container.config.catalogFile, "utf8"));
  const { digest } = await container.catalog.difference(catalog);
  await container.catalog.apply(null, catalog, digest);
}

async function seedCustomer(container: Container, customer: DemoCustomer, now: EpochMs): Promise<number> {
  const { name, planKey } = customer;
  const made = await madeCustomer(container, customer, now);
  const startsAt = made.goLiveAt;
  if (made.subscriptions.length === 0) {
    const ref = { customerId: made.customerId, externalCustomerId: null };
    await container.subscriptions.create(null, ref, { planKey, startsAt, anchorAt: startsAt });
  }
  const userId = await ensurePerson(container.signIn.portal, {
    email: customer.memberEmail,
    name: `Member of ${name}`,
    password: demoPassword,
  });
  await container.members.add(null, { customerId: made.customerId, userId, role: "OWNER" });
  const events = await record(container, demoUsage(customer, { startAt: startsAt, endAt: now }), now);
  if (customer.hourlyLimit !== undefined) await limitDemo(container, made.customerId, customer.hourlyLimit);
  return events;
}

/** Gives a customer a limit that it soon runs into, and a system of its own that is told: our mailbox plays it. */
async function limitDemo(
  container: Container,
  customerId: string,
  limit: { meterKey: string; quantity: string },
): Promise<void> {
  const definition = { ...limit, policy: "HARD", period: "HOUR", warnAtPercent: [80, 95] };
  await container.limiting.limits.set(null, customerId, definition);
  const { config, alerting, database } = container;
  const [there] = await database.query("SELECT FROM webhook_endpoint WHERE customer_id = $1 LIMIT 1", [customerId]);
  if (there !== undefined || alerting.mailbox === null || !config.telling.webhookAllowLoopback) return;
  const url = `http://127.0.0.1:${config.http.port}/mailbox/hook`;
  await alerting.endpoints.create(null, { customerId, url, description: "Demo: kept in the mailbox" });
}

/** The customer, made where it is not there. One that is there stays as it is, since people may have changed it. */
async function madeCustomer(container: Container, customer: DemoCustomer, now: EpochMs): Promise<BillingProfile> {
  const { externalId, name, currency, timeZone } = customer;
  const find = () => container.profiles.find([{ customerId: null, externalCustomerId: externalId }]);
  const [there] = await find();
  if (there) return there;
  const goLiveAt = new Date(firstPeriodStart(customer.anchorDay, now)).toISOString();
  await container.customers.create(null, { externalId, name, currency, timeZone, goLiveAt });
  const [made] = await find();
  invariant(made, `the demo customer ${externalId} is there`);
  return made;
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
