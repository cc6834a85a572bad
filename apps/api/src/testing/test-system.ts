import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase } from "@meterline/testkit";
import { readConfig } from "../config.ts";
import { type Container, createContainer } from "../container.ts";
import type { IngestItem, IngestOutcome } from "../modules/ingestion/index.ts";
import { FrozenClock } from "../platform/clock.ts";
import { createLogger } from "../platform/observability/index.ts";
import { testCatalog } from "./test-catalog.ts";

/** The instant at which the test system's clock stands still: a Monday morning in the middle of a month. */
export const testNow = Date.parse("2026-03-16T10:00:00.000Z");

/** Every part of the API on a database of its own, with the test catalog applied. */
export type TestSystem = {
  databaseUrl: string;
  container: Container;
  clock: FrozenClock;
  /** A second process on the same database, with other settings if they are given. */
  another(environment?: Record<string, string>): Promise<Container>;
  close(): Promise<void>;
};

/** Starts a system. With `databaseUrl` on that (migrated) database, which is then the caller's to drop. */
export async function startTestSystem(
  databaseUrl?: string,
  environment: Record<string, string> = {},
): Promise<TestSystem> {
  const owned = databaseUrl === undefined ? await createTestDatabase() : null;
  const url = databaseUrl ?? owned?.url ?? "";
  const stateDirectory = await mkdtemp(join(tmpdir(), "meterline-system-"));
  const clock = new FrozenClock(testNow);
  const containers: Container[] = [];
  const make = async (other: Record<string, string> = {}) => {
    const fixed = { DATABASE_URL: url, STATE_DIR: stateDirectory, API_KEY_CACHE_MS: "0" };
    const config = readConfig({ ...fixed, ...environment, ...other });
    const container = await createContainer(config, "a secret of the tests, 32 characters long", {
      clock,
      logger: createLogger("silent"),
    });
    containers.push(container);
    return container;
  };
  const container = await make();
  const { digest } = await container.catalog.difference(testCatalog);
  await container.catalog.apply(null, testCatalog, digest);
  return {
    databaseUrl: url,
    container,
    clock,
    another: make,
    async close() {
      await Promise.all(containers.map((one) => one.close()));
      await owned?.drop();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

let nextCustomer = 0;

/** A new customer; with a plan, subscribed to it since 1 March 2026, 00:00 UTC. */
export async function newCustomer(
  { container }: Pick<TestSystem, "container">,
  options: { planKey?: string; timeZone?: string; startsAt?: string; currency?: string } = {},
): Promise<string> {
  nextCustomer += 1;
  const { id } = await container.customers.create(null, {
    externalId: `customer-${nextCustomer}`,
    timeZone: options.timeZone,
    currency: options.currency,
    goLiveAt: "2026-01-01T00:00:00Z",
  });
  if (options.planKey !== undefined) {
    const startsAt = Date.parse(options.startsAt ?? "2026-03-01T00:00:00Z");
    const wanted = { planKey: options.planKey, startsAt, anchorAt: startsAt };
    await container.subscriptions.create(null, { customerId: id, externalCustomerId: null }, wanted);
  }
  return id;
}

let nextKey = 0;

/** An item that would be recorded; override what the test is about. */
export function usageItem(overrides: Partial<IngestItem> = {}): IngestItem {
  nextKey += 1;
  return {
    customerId: null,
    externalCustomerId: null,
    meterKey: "calls",
    quantity: "1",
    occurredAt: "2026-03-10T12:00:00Z",
    idempotencyKey: `key-${nextKey}`,
    properties: null,
    ...overrides,
  };
}

/** Records items and answers what became of them. */
export function record(container: Container, ...items: IngestItem[]): Promise<IngestOutcome[]> {
  return container.ingestion.record(items, { mayBackfill: false });
}

/** RECORDED, DUPLICATE, or the code of the rejection. */
export function outcomeWord(outcome: IngestOutcome | undefined): string {
  if (outcome === undefined) return "nothing";
  return outcome.outcome === "REJECTED" ? outcome.rejection.code : outcome.outcome;
}
