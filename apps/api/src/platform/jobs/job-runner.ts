import { Logger as GraphileLogger, type Runner, run, type TaskList } from "graphile-worker";
import type { Pool } from "pg";
import type { Logger } from "../observability/index.ts";

/** What the worker does: tasks by name, and when some of them run by themselves (crontab lines). */
export type JobPlan = { tasks: TaskList; crontab: string };

/** Starts the worker. Jobs are rows: written in the caller's transaction, taken up here, retried with growing delays. */
export async function startJobRunner(
  pool: Pool,
  plan: JobPlan,
  options: { concurrency: number; logger: Logger },
): Promise<Runner> {
  const { logger } = options;
  return run({
    pgPool: pool,
    taskList: plan.tasks,
    crontab: plan.crontab,
    concurrency: options.concurrency,
    noHandleSignals: true,
    pollInterval: 2_000,
    logger: new GraphileLogger(() => (level, message, meta) => {
      if (level === "error") logger.error({ ...meta }, message);
      else if (level === "warning") logger.warn({ ...meta }, message);
    }),
  });
}
