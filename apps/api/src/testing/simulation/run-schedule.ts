import { customerPeriodAt } from "@meterline/billing-domain";
import type { Schedule, Step } from "./schedule.ts";
import type { SimulationDatabase } from "./simulation-database.ts";
import { SimulationFailure } from "./simulation-failure.ts";
import { checkUsage } from "./usage-checks.ts";
import { conflictItem, recordItems, resendItems, voidItem } from "./usage-steps.ts";
import { makeWorld, termsOf, type World } from "./world.ts";

/** How a run ended. */
export type RunResult = {
  seed: number;
  failure: SimulationFailure | null;
  /** What happened, a line each. */
  trace: readonly string[];
  /** How much of what was in it. */
  counts: { steps: number; events: number; deaths: number; writes: number };
};

/** Runs a schedule on the database and holds what came of it against the rules. */
export async function runSchedule(schedule: Schedule, database: SimulationDatabase): Promise<RunResult> {
  const world = await makeWorld(schedule, database);
  let failure: SimulationFailure | null = null;
  try {
    for (const step of schedule.steps) await doStep(world, step);
    world.process.disarm();
    await checkUsage(world);
  } catch (error) {
    failure = error instanceof SimulationFailure ? error : unexpected(error);
    world.trace.say(failure.message);
  } finally {
    await world.close();
  }
  const { process, book, trace } = world;
  const counts = {
    steps: schedule.steps.length,
    events: book.entries.length,
    deaths: process.deaths,
    writes: process.writes,
  };
  return { seed: schedule.seed, failure, trace: trace.lines, counts };
}

/** Anything that the product threw where a step may not fail. */
function unexpected(error: unknown): SimulationFailure {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new SimulationFailure("UNEXPECTED_ERROR", text);
}

async function doStep(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case "record":
      return recordItems(world, step.items);
    case "resend":
      return resendItems(world, step.picks);
    case "conflict":
      return conflictItem(world, step.pick);
    case "void":
      return voidItem(world, step.pick);
    case "wait":
      return wait(world, step.ms);
    case "period-end":
      return waitForPeriodEnd(world, step.customer, step.offsetMs);
    case "skew":
      world.trace.say(`our clock is ${step.ms} ms ahead of Stripe's`);
      return world.time.skew(step.ms);
    case "crash":
      world.trace.say(
        `the process will die ${step.point.moment.toLowerCase()} write ${step.point.writesLeft + 1} from now`,
      );
      return world.process.arm(step.point);
    default:
      return undefined;
  }
}

async function wait(world: World, ms: number): Promise<void> {
  world.time.advance(ms);
  await world.sandbox.process();
}

async function waitForPeriodEnd(world: World, index: number, offsetMs: number): Promise<void> {
  const customer = world.customers[index];
  if (customer === undefined) return;
  const now = world.time.stripes.now();
  const { window } = customerPeriodAt(await termsOf(world, customer), now);
  const ms = window.endAt + offsetMs - now;
  if (ms <= 0) return;
  await wait(world, ms);
  world.trace.say(`${-offsetMs} ms before the period of customer-${index} ends`);
}
