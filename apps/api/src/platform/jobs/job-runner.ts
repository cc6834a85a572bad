import {
  Logger as GraphileLogger,
  type Runner,
  type RunnerOptions,
  run,
  runMigrations,
  type TaskList,
} from "graphile-worker";
import type { Pool } from "pg";
import { processLocks, withProcessLock } from "../database/index.ts";
import type { Logger } from "../observability/index.ts";
import { PatientPool } from "./patient-pool.ts";

/** What the worker does: tasks by name, and when some of them run by themselves (crontab lines). */
export type JobPlan = { tasks: TaskList; crontab: string };

/** The worker of this process. */
export type JobRunner = {
  /** Takes up no more jobs, and waits for those under way. */
  stop(): Promise<void>;
};

/** What the worker works with. The address is for the lock under which its tables are made. */
export type JobSettings = { databaseUrl: string; concurrency: number; logger: Logger };

const firstRestartMs = 1_000;
const lastRestartMs = 60_000;

/**
 * Starts the worker. Jobs are rows: written in the caller's transaction, taken up here, retried with growing delays. A
 * worker that ends by itself, as after a long outage, is started again.
 */
export async function startJobRunner(pool: Pool, plan: JobPlan, settings: JobSettings): Promise<JobRunner> {
  const patient = new PatientPool(pool);
  const options = optionsOf(patient.pool, plan, settings);
  // graphile-worker's own migrations do not stand two processes that make its tables at once.
  await withProcessLock(settings.databaseUrl, processLocks.jobs, () => runMigrations(options));
  const supervised = new SupervisedRunner(() => run(options), settings.logger);
  await supervised.start();
  return {
    async stop() {
      await supervised.stop();
      // The runner does not wait until its last jobs are written down as done, and they would run again.
      await patient.settled();
    },
  };
}

class SupervisedRunner {
  readonly #run: () => Promise<Runner>;
  readonly #logger: Logger;
  #runner: Runner | null = null;
  #stopping = false;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = firstRestartMs;

  constructor(start: () => Promise<Runner>, logger: Logger) {
    this.#run = start;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    const runner = await this.#run();
    if (this.#stopping) return runner.stop();
    this.#runner = runner;
    void runner.promise.then(
      () => this.#ended(null),
      (error: unknown) => this.#ended(error),
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    await this.#runner?.stop();
  }

  #ended(error: unknown): void {
    this.#runner = null;
    if (this.#stopping) return;
    const delayMs = this.#restartMs;
    this.#restartMs = Math.min(delayMs * 2, lastRestartMs);
    this.#logger.error({ err: error, delayMs }, "the worker ended; it starts again");
    this.#restart = setTimeout(() => {
      this.start().then(
        () => {
          this.#restartMs = firstRestartMs;
        },
        (again: unknown) => this.#ended(again),
      );
    }, delayMs);
  }
}

function optionsOf(pgPool: Pool, plan: JobPlan, { concurrency, logger }: JobSettings): RunnerOptions {
  return {
    pgPool,
    taskList: plan.tasks,
    crontab: plan.crontab,
    concurrency,
    noHandleSignals: true,
    pollInterval: 2_000,
    logger: new GraphileLogger(() => (level, message) => {
      // Its details hold the jobs' payloads; the message names the job.
      if (level === "error") logger.error(message);
      else if (level === "warning") logger.warn(message);
    }),
  };
}
