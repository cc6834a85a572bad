import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { startTestPostgres, type TestPostgres } from "@meterline/testkit";
import { Command, InvalidArgumentError } from "commander";
import { makeSchedule } from "./make-schedule.ts";
import { type RunResult, runSchedule } from "./run-schedule.ts";
import { failureLine, progressLine, type RunOutcome, SimulationTally, summaryText } from "./simulate-report.ts";
import { SimulationDatabase } from "./simulation-database.ts";
import { openGates } from "./gates.ts";

type Options = { seeds: number; from: number; seed?: number; jobs: number; json?: boolean };

const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Write a whole number.");
  return Number(text);
};

async function main(): Promise<void> {
  const options = new Command("simulate")
    .description(
      "Runs seeded schedules of usage, faults and crashes through period ends, and holds each to every rule.",
    )
    .option("--seeds <count>", "how many schedules", whole, 200)
    .option("--from <seed>", "the first seed", whole, 1)
    .option("--seed <seed>", "runs this one alone, and says what happened in it", whole)
    .option("--jobs <count>", "processes at once", whole, Math.max(1, availableParallelism() >> 1))
    .option("--json", "one JSON object on standard output, in place of text")
    .parse()
    .opts<Options>();
  const postgres = await startTestPostgres({ inMemory: true });
  try {
    process.exitCode = options.seed === undefined ? await many(postgres, options) : await one(postgres, options);
  } finally {
    await postgres.stop();
  }
}

/** Replays one seed and writes down what happened. */
async function one(postgres: TestPostgres, { seed = 1, json }: Options): Promise<number> {
  const owned = await postgres.createDatabase();
  const result = await runHere(owned, seed);
  const { failure, trace, counts } = result;
  const told = { seed, failure: failure === null ? null : { rule: failure.rule, message: failure.message }, counts };
  process.stdout.write(
    json ? `${JSON.stringify({ ...told, trace })}\n` : `${trace.join("\n")}\n${JSON.stringify(told.counts)}\n`,
  );
  return failure === null ? 0 : 1;
}

/** Runs many seeds in jobs of their own, each on a database of its own. */
async function many(postgres: TestPostgres, options: Options): Promise<number> {
  const { seeds, from, json } = options;
  const startedAt = performance.now();
  const tally = new SimulationTally();
  let next = from;
  const stop = () => {
    next = from + seeds;
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  const stopShowing = showProgress(() => progressLine(tally.summary, seeds, performance.now() - startedAt));
  const count = Math.max(1, Math.min(options.jobs, seeds));
  await Promise.all(
    Array.from({ length: count }, async () => {
      const owned = await postgres.createDatabase();
      let job = startJob();
      for (; next < from + seeds; ) {
        const outcome = await ask(job, { seed: next++, url: owned.url, adminUrl: owned.adminUrl });
        tally.add(outcome);
        if (outcome.failure !== null)
          process.stderr.write(`${clearLine()}${failureLine(outcome.seed, outcome.failure)}\n`);
        if (hasEnded(job)) job = startJob();
      }
      if (!hasEnded(job)) job.disconnect();
    }),
  );
  stopShowing();
  const elapsedMs = performance.now() - startedAt;
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...tally.summary, elapsedMs: Math.round(elapsedMs) })}\n`
      : `${summaryText(tally.summary, elapsedMs)}\n`,
  );
  return tally.summary.failed.length === 0 && tally.summary.runs > 0 ? 0 : 1;
}

type Order = { seed: number; url: string; adminUrl: string };

/** Without source maps, which every error that the product handles would be looked up in; a replay has them. */
const startJob = (): ChildProcess => fork(import.meta.filename, [], { execArgv: [] });

const hasEnded = (job: ChildProcess): boolean => job.exitCode !== null || job.signalCode !== null;

const nothing = { steps: 0, events: 0, deaths: 0, writes: 0, tickets: 0 };

/** Has a job run one seed. A job that ends instead is a failure of that seed, and no reason to stop the others. */
function ask(job: ChildProcess, order: Order): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const ended = (code: number | null) => {
      const failure = { rule: "JOB_ENDED", message: `JOB_ENDED: its process ended with code ${code}` };
      resolve({ seed: order.seed, counts: nothing, failure });
    };
    job.once("exit", ended);
    job.once("message", (told) => {
      job.off("exit", ended);
      resolve(told as RunOutcome);
    });
    job.send(order);
  });
}

const clearLine = (): string => (process.stderr.isTTY ? "\r\x1b[2K" : "");
const lineEveryMs = 10_000;
const barEveryMs = 200;

/** On standard error: a moving line on a terminal, one every ten seconds elsewhere. */
function showProgress(line: () => string): () => void {
  const { stderr } = process;
  const show = () => void stderr.write(stderr.isTTY ? `\r\x1b[2K${line()}` : `${line()}\n`);
  const timer = setInterval(show, stderr.isTTY ? barEveryMs : lineEveryMs);
  return () => {
    clearInterval(timer);
    show();
    if (stderr.isTTY) stderr.write("\n");
  };
}

/** A job: runs the seeds that it is sent, one after the other. */
async function work(): Promise<void> {
  // The parent stops handing out seeds; the one under way is finished.
  process.on("SIGINT", () => undefined);
  let database: SimulationDatabase | null = null;
  openGates();
  process.on("message", (order: Order) => {
    void (async () => {
      database ??= await SimulationDatabase.open(order);
      const { seed, failure, counts } = await runSchedule(makeSchedule(order.seed), database);
      const told = failure === null ? null : { rule: failure.rule, message: failure.message };
      process.send?.({ seed, counts, failure: told } satisfies RunOutcome);
    })();
  });
  process.on("disconnect", () => process.exit());
}

async function runHere(owned: { url: string; adminUrl: string }, seed: number): Promise<RunResult> {
  const closeGate = openGates();
  const database = await SimulationDatabase.open(owned);
  try {
    return await runSchedule(makeSchedule(seed), database);
  } finally {
    await database.close();
    closeGate();
  }
}

if (process.send === undefined) {
  await main();
  // What processes that died left behind, such as timers and connections, need not be waited for.
  await new Promise((resolve) => process.stdout.write("", resolve));
  process.exit();
} else await work();
