import { customerPeriodAt } from "@meterline/billing-domain";
import { FrozenBook } from "./frozen-book.ts";
import { checkFalseAlarms, checkInvoices } from "./invoice-checks.ts";
import { makeWorld } from "./make-world.ts";
import { changePlan } from "./plan-steps.ts";
import { type Schedule, type Step, type WorkerStep, workerSteps } from "./schedule.ts";
import type { SimulationDatabase } from "./simulation-database.ts";
import { SimulationFailure } from "./simulation-failure.ts";
import { passTime } from "./pass-time.ts";
import { checkReportsAtRest, checkStripeTotals } from "./report-checks.ts";
import type { NetworkRewrite } from "./stripe-network.ts";
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
  counts: { steps: number; events: number; deaths: number; writes: number; tickets: number };
};

/** For tests of the simulation itself: what is broken on purpose, and whether the run is given time to mend it. */
export type Sabotage = {
  /** Done when the schedule is over. */
  spoil?: (world: World) => Promise<void>;
  /** Another request in place of the one that was made. */
  rewrite?: NetworkRewrite;
  rests?: boolean;
};

/** Runs a schedule on the database and holds what came of it against the rules. */
export async function runSchedule(
  schedule: Schedule,
  database: SimulationDatabase,
  sabotage: Sabotage = {},
): Promise<RunResult> {
  const world = await makeWorld(schedule, database);
  world.stripe.network.rewrite = sabotage.rewrite ?? null;
  const run = new ScheduleRun(world);
  let failure: SimulationFailure | null = null;
  try {
    for (const step of schedule.steps) await inTime(step.do, run.step(step));
    const { rests = true } = sabotage;
    if (rests) await inTime("rest", run.rest());
    await sabotage.spoil?.(world);
    await sayTickets(world);
    await inTime("checks", run.check(rests));
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
    tickets: await countTickets(database),
  };
  return { seed: schedule.seed, failure, trace: trace.lines, counts };
}

/** Differences that the product told staff of, settled since or not. */
async function countTickets(database: SimulationDatabase): Promise<number> {
  const { rows } = await database.admin.query<{ count: number }>("SELECT count(*)::integer AS count FROM discrepancy");
  return rows[0]?.count ?? 0;
}

async function sayTickets({ database, trace }: World): Promise<void> {
  const { rows } = await database.admin.query<{ state: string; kind: string; customer_id: string; message: string }>(
    "SELECT state, kind, customer_id, message FROM discrepancy ORDER BY found_at, kind, subject",
  );
  for (const row of rows) trace.say(`${row.state.toLowerCase()}: ${row.kind} of ${row.customer_id}: ${row.message}`);
}

/**
 * No step takes a second; one that takes so many goes round in circles. Counted as they pass here: while the machine
 * is so busy, or this process is stopped, that none of it runs, nothing counts.
 */
const longestStepS = 120;

async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    let seconds = 0;
    timer = setInterval(() => {
      seconds += 1;
      if (seconds === longestStepS) reject(new SimulationFailure("STUCK", `${what} does not end`));
    }, 1_000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearInterval(timer);
  }
}

/** Anything that the product threw where a step may not fail. */
function unexpected(error: unknown): SimulationFailure {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new SimulationFailure("UNEXPECTED_ERROR", text);
}

/** A healthy worker looks every second; these waits, in minutes, pass the instants at which something falls due. */
const minutesOfADay = [1, 6, 60, 24 * 60];
const minutesAtAnEnd = [1, 61, 2, 2, 60];

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
        return step.attended ? this.#attend(step.ms) : this.#wait(step.ms);
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

  /** Nothing goes wrong any more for a day and until every customer's period has ended again: what is left is then done. */
  async rest(): Promise<void> {
    const world = this.#world;
    world.process.disarm();
    world.time.skew(0);
    world.stripe.network.calm();
    world.stripe.post.calm();
    world.trace.say("from here on nothing goes wrong");
    await this.#workOn(minutesOfADay);
    const left = new Set(world.customers.map(({ index }) => index));
    while (left.size > 0) {
      const next = await this.#nextPeriodEnd();
      await this.#wait(next.inMs);
      for (const index of next.customers) left.delete(index);
      await this.#workOn(minutesAtAnEnd);
    }
  }

  /** Lets time pass with a worker that is there at every end of a period, whatever else goes wrong. */
  async #attend(ms: number): Promise<void> {
    const until = this.#world.time.stripes.now() + ms;
    for (;;) {
      const { inMs } = await this.#nextPeriodEnd();
      const left = until - this.#world.time.stripes.now();
      if (inMs >= left) {
        if (left > 0) await this.#wait(left);
        return;
      }
      await this.#wait(inMs);
      await this.#workOn(minutesAtAnEnd);
    }
  }

  async #workOn(minutes: readonly number[]): Promise<void> {
    for (const count of [0, ...minutes]) {
      if (count > 0) await this.#wait(count * 60_000);
      // Once a day is how often the product does it by itself.
      const isLast = count === minutes.at(-1);
      await this.#work(isLast ? workerSteps : workerSteps.filter((step) => step !== "reconcile"));
    }
  }

  /** What must hold; some of it only once everything has come to rest. */
  async check(isAtRest: boolean): Promise<void> {
    await this.#frozen.look();
    await checkUsage(this.#world);
    if (isAtRest) await checkReportsAtRest(this.#world);
    await checkStripeTotals(this.#world);
    if (!isAtRest) return;
    await checkInvoices(this.#world);
    await checkFalseAlarms(this.#world);
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
