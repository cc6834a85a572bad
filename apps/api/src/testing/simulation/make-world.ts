import type { MeterDefinition } from "@meterline/billing-domain";
import { readConfig } from "../../config.ts";
import { type Container, createContainer } from "../../container.ts";
import { createLogger } from "../../platform/observability/index.ts";
import { Dice } from "./dice.ts";
import { ProcessScope } from "./process-scope.ts";
import type { Schedule } from "./schedule.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { type PlanKey, simulationCatalog } from "./simulation-catalog.ts";
import type { SimulationDatabase } from "./simulation-database.ts";
import { bringCatalog, linkCustomer } from "./stripe-links.ts";
import { startStripeSide, type StripeSide } from "./stripe-side.ts";
import { Trace } from "./trace.ts";
import { UsageBook } from "./usage-book.ts";
import type { SimulatedCustomer, World } from "./world.ts";

/** The catalog stays in the database from run to run, so its ids must not depend on which run wrote it. */
const catalogSeed = 0;

/** Makes the world of a schedule on an emptied database: the catalog, and customers on their first plans. */
export async function makeWorld(schedule: Schedule, database: SimulationDatabase): Promise<World> {
  const time = new SimulatedTime(schedule.startAt);
  const trace = new Trace(time.stripes);
  await database.empty();
  const stripe = await startStripeSide(schedule, { time, trace });
  const process = new SimulatedProcess(database.admin, new Dice(schedule.seed), () =>
    makeContainer(database.url, stripe, time),
  );
  const container = await process.container();
  const catalog = new ProcessScope(new Dice(catalogSeed));
  const book = new UsageBook(await catalog.run(() => applyCatalog(container)));
  const parts = { schedule, time, trace, database, stripe, process, book, customers: [] as SimulatedCustomer[] };
  const world: World = {
    ...parts,
    async close() {
      await process.stop();
      await stripe.close();
    },
  };
  await bringCatalog(world);
  for (const [index, planKey] of schedule.plans.entries()) {
    world.customers.push(await makeCustomer(world, index, planKey));
  }
  stripe.post.connect(process);
  return world;
}

/** Calls under way at once, and reports in memory: enough for several to be in doubt when a process dies. */
const atOnce = 8;
const neverMs = 3_600_000;
/** The database is never away here; only a busy machine is slow, and that is no fault. */
const patience = { DATABASE_STATEMENT_TIMEOUT_MS: "600000", DATABASE_CONNECT_TIMEOUT_MS: "60000" };

function makeContainer(url: string, stripe: StripeSide, time: SimulatedTime): Promise<Container> {
  const config = readConfig({
    DATABASE_URL: url,
    API_KEY_CACHE_MS: "0",
    DATABASE_POOL_SIZE: "6",
    ...patience,
    ...stripe.environment,
  });
  return createContainer(config, "a secret of the simulation, 32 characters", {
    clock: time.ours,
    logger: createLogger("silent"),
    stripe: {
      carry: (node) => stripe.network.carry(node),
      // Nobody waits in real time: what is not due yet is done by a later step.
      timer: { now: () => 0, wait: () => Promise.resolve() },
      sender: { window: atOnce * 2, concurrency: atOnce, settleEveryMs: neverMs },
    },
  });
}

/** Answers its meters. */
async function applyCatalog(container: Container): Promise<MeterDefinition[]> {
  const { digest } = await container.catalog.difference(simulationCatalog);
  await container.catalog.apply(null, simulationCatalog, digest);
  return (await container.meters.all()).map((meter) => meter.definition);
}

async function makeCustomer(world: World, index: number, planKey: PlanKey): Promise<SimulatedCustomer> {
  const { schedule, trace, process } = world;
  const { seed, startAt } = schedule;
  const created = { externalId: `customer-${seed}-${index}`, goLiveAt: new Date(startAt).toISOString() };
  const wanted = { planKey, startsAt: startAt, anchorAt: startAt };
  const made = await process.step(async ({ customers, subscriptions }) => {
    const { id } = await customers.create(null, { ...created, timeZone: undefined });
    await subscriptions.create(null, { customerId: id, externalCustomerId: null }, wanted);
    return id;
  });
  if (made.died !== null) throw made.died;
  const id = made.answer;
  trace.name(id, `customer-${index}`);
  return { index, id, ...(await linkCustomer(world, id)) };
}
