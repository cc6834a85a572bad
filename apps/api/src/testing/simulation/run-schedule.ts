import { customerPeriodAt } from "@meterline/billing-domain";
import { FrozenBook } from "./frozen-book.ts";
import { checkInvoices } from "./invoice-checks.ts";
import { makeWorld } from "./make-world.ts";
import { changePlan } from "./plan-steps.ts";
import { type Schedule, type Step, type WorkerStep, workerSteps } from "./schedule.ts";
import type { SimulationDatabase } from "./simulation-database.ts";
import { SimulationFailure } from "./simulation-failure.ts";
import { passTime } from "./pass-time.ts";
import { checkReportsAtRest, checkStripeTotals } from "./report-checks.ts";
import { checkUsage } from "./usage-checks.ts";
import { conflictItem, recordItems, resendItems, voidItem } from "./usage-steps.ts";
import { doWork } from "./worker-steps.ts";
import { termsOf, type World } from "./world.ts";

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
  const run = new ScheduleRun(world);
  let failure: SimulationFailure | null = null;
  try {
    for (const step of schedule.steps) await inTime(step.do, run.step(step));
    await inTime("rest", run.rest());
    await inTime("checks", run.check());
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

/** No step takes a second; one that takes so long goes round in circles. */
const longestStepMs = 120_000;

async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const stuck = () => reject(new SimulationFailure("STUCK", `${what} does not end`));
    timer = setTimeout(stuck, longestStepMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Anything that the product threw where a step may not fail. */
function unexpected(error: unknown): SimulationFailure {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new SimulationFailure("UNEXPECTED_ERROR", text);
}

/** How many period ends a run is given to come to rest: what came late of one is billed with the next. */
const restingPeriods = 2;

/** A worker looks every minute; these waits pass each instant after a period's end at which something falls due. */
const restingWaitsMs = [1, 30, 31, 2, 2, 60, 180].map((minutes) => minutes * 60_000);

/** One run under way. */
class ScheduleRun {
  readonly #world: World;
  readonly #frozen: FrozenBook;

  constructor(world: World) {
    this.#world = world;
    this.#frozen = new FrozenBook(world);
  }

  async step(step: Step): Promise<void> {
    const world = this.#world;
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
        return this.#wait(step.ms);
      case "period-end":
        return this.#waitForPeriodEnd(step.customer, step.offsetMs);
      case "skew":
        world.trace.say(`our clock is ${step.ms} ms ahead of Stripe's`);
        return world.time.skew(step.ms);
      case "change-plan":
        return changePlan(world, step);
      case "work":
        return this.#work(step.steps);
      case "crash":
        world.trace.say(
          `the process will die ${step.point.moment.toLowerCase()} write ${step.point.writesLeft + 1} from now`,
        );
        return world.process.arm(step.point);
      case "fault":
        return world.stripe.network.fail(step.fault);
      case "outage":
        return world.stripe.network.outage(step.ms, step.how);
      case "deaf":
        return world.stripe.post.deaf(step.ms);
    }
  }

  /** Nothing goes wrong any more, and every customer's period ends again, so that all that is left to do is done. */
  async rest(): Promise<void> {
    const world = this.#world;
    world.process.disarm();
    world.time.skew(0);
    world.stripe.network.calm();
    world.stripe.post.calm();
    world.trace.say("from here on nothing goes wrong");
    const ends = new Map(world.customers.map(({ index }) => [index, 0]));
    while ([...ends.values()].some((count) => count < restingPeriods)) {
      await this.#work(workerSteps);
      const next = await this.#nextPeriodEnd();
      await this.#wait(next.inMs);
      for (const index of next.customers) ends.set(index, (ends.get(index) ?? 0) + 1);
      for (const ms of restingWaitsMs) {
        await this.#wait(ms);
        await this.#work(workerSteps);
      }
    }
  }

  /** What must hold once everything has come to rest. */
  async check(): Promise<void> {
    await checkUsage(this.#world);
    await checkReportsAtRest(this.#world);
    await checkStripeTotals(this.#world);
    await checkInvoices(this.#world);
    await this.#frozen.checkNothingUnbilled();
  }

  #work(steps: readonly WorkerStep[]): Promise<void> {
    return doWork(this.#world, steps, () => this.#frozen.look());
  }

  async #wait(ms: number): Promise<void> {
    await passTime(this.#world, ms);
  }

  /** The next instant at which a period ends, and whose. */
  async #nextPeriodEnd(): Promise<{ inMs: number; customers: number[] }> {
    const now = this.#world.time.stripes.now();
    const ends: { index: number; at: number }[] = [];
    for (const customer of this.#world.customers) {
      const { window } = customerPeriodAt(await termsOf(this.#world, customer), now);
      ends.push({ index: customer.index, at: window.endAt });
    }
    const first = Math.min(...ends.map((end) => end.at));
    return { inMs: first - now, customers: ends.filter((end) => end.at === first).map((end) => end.index) };
  }

  async #waitForPeriodEnd(index: number, offsetMs: number): Promise<void> {
    const { customers, time, trace } = this.#world;
    const customer = customers[index];
    if (customer === undefined) return;
    const now = time.stripes.now();
    const { window } = customerPeriodAt(await termsOf(this.#world, customer), now);
    const ms = window.endAt + offsetMs - now;
    if (ms <= 0) return;
    await this.#wait(ms);
    trace.say(`${-offsetMs} ms before the period of customer-${index} ends`);
  }
}
