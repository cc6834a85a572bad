import type { MeterDefinition } from "@meterline/billing-domain";
import { startSandbox } from "@meterline/stripe-sandbox";
import { readConfig } from "../../config.ts";
import { type Container, createContainer } from "../../container.ts";
import { createLogger } from "../../platform/observability/index.ts";
import type { Schedule } from "./schedule.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { type PlanKey, simulationCatalog } from "./simulation-catalog.ts";
import type { SimulationDatabase } from "./simulation-database.ts";
import { Trace } from "./trace.ts";
import { UsageBook } from "./usage-book.ts";
import type { SimulatedCustomer, World } from "./world.ts";

/** Makes the world of a schedule on an emptied database: the catalog, and customers on their first plans. */
export async function makeWorld(schedule: Schedule, database: SimulationDatabase): Promise<World> {
  const time = new SimulatedTime(schedule.startAt);
  const trace = new Trace(time.stripes);
  await database.empty();
  const { lagMs, lagJitterMs, asyncCheckRate, ...webhooks } = schedule.sandbox;
  const sandbox = await startSandbox({
    now: () => time.stripes.now(),
    seed: schedule.seed,
    rateLimits: "off",
    tickMs: null,
    lagMs,
    lagJitterMs,
    asyncCheckRate,
    webhooks,
  });
  const process = new SimulatedProcess(database.admin, () => makeContainer(database.url, time));
  const container = await process.container();
  const book = new UsageBook(await applyCatalog(container));
  const parts = { schedule, time, trace, database, sandbox, process, book, customers: [] };
  const world: World = { ...parts, close };
  for (const [index, planKey] of schedule.plans.entries()) {
    world.customers.push(await makeCustomer(world, container, index, planKey));
  }
  return world;

  async function close(): Promise<void> {
    await process.stop();
    await sandbox.close();
  }
}

function makeContainer(url: string, time: SimulatedTime): Promise<Container> {
  const config = readConfig({ DATABASE_URL: url, API_KEY_CACHE_MS: "0", DATABASE_POOL_SIZE: "6" });
  const overrides = { clock: time.ours, logger: createLogger("silent") };
  return createContainer(config, "a secret of the simulation, 32 characters", overrides);
}

/** Answers its meters. */
async function applyCatalog(container: Container): Promise<MeterDefinition[]> {
  const { digest } = await container.catalog.difference(simulationCatalog);
  await container.catalog.apply(null, simulationCatalog, digest);
  return (await container.meters.all()).map((meter) => meter.definition);
}

async function makeCustomer(
  { schedule, trace }: World,
  container: Container,
  index: number,
  planKey: PlanKey,
): Promise<SimulatedCustomer> {
  const at = new Date(schedule.startAt).toISOString();
  const created = { externalId: `customer-${schedule.seed}-${index}`, goLiveAt: at, timeZone: undefined };
  const { id } = await container.customers.create(null, created);
  const wanted = { planKey, startsAt: schedule.startAt, anchorAt: schedule.startAt };
  await container.subscriptions.create(null, { customerId: id, externalCustomerId: null }, wanted);
  trace.name(id, `customer-${index}`);
  return { index, id };
}
