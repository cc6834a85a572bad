import type { EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../clock.ts";
import type { Database, SessionLocks } from "../database/index.ts";
import type { Logger } from "../observability/index.ts";
import { WorkLanes } from "./work-lanes.ts";

/** A row that is due. `lockName` names what must not be worked twice at once: the row, or what it is about. */
export type DueRow = { key: string; lockName: string };

/**
 * How a piece of work ended: the state that the row gets, and what there is to say about it. With `againAt` there is more
 * to do from that instant on, and the row is due then.
 */
export type WorkEnd = { state: string; note: string | null; againAt?: EpochMs | null };

/**
 * A table whose rows are work. It has the columns `state`, `note`, `attempts`, `due_at`, `last_error` and `worked_at`; a
 * row with a `due_at` is waiting, and whoever writes one in its own transaction has made a job. Whoever wants a row done
 * again sets `due_at` and puts `attempts` back to 0; then what is under way does not end it.
 */
export type WorkTable = {
  name: string;
  /** A column that identifies a row, as text. */
  keyColumn: string;
  /** SQL of what the lock is named by; the key column, where each row is a thing of its own. */
  lockName: string;
  /** Tells this table's locks from those of other tables; any number that nobody else uses. */
  lockClass: number;
};

/** How the rows of a table are worked. */
export type WorkPlan = WorkTable & {
  /** Does the work of one row; safe to do twice. Throws to have it tried again. */
  work(key: string, attempt: number): Promise<WorkEnd>;
  /** Waits before the second, third … attempt; after the last one the row is FAILED. */
  retryDelaysMs: readonly number[];
  /** Rows at a time in this process. */
  concurrency: number;
};

/** What the worker stands on. */
export type WorkDependencies = { database: Database; locks: SessionLocks; clock: Clock; logger: Logger };

const maxErrorLength = 1_000;

/** An attempt that was counted. */
type TakenRow = { key: string; attempt: number };

/**
 * Works the rows of a table by {@link WorkLanes}. Each attempt is counted before it begins, so that a row that kills its
 * process is given up in the end too.
 */
export class WorkRows extends WorkLanes<DueRow, TakenRow> {
  constructor(on: WorkDependencies, plan: WorkPlan) {
    super(on, {
      name: plan.name,
      lockClass: plan.lockClass,
      concurrency: plan.concurrency,
      due: (limit, without) => dueRows(on, plan, { limit, without }),
      take: (row) => takeRow(on, plan, row.key),
      work: (taken) => workRow(on, plan, taken),
    });
  }
}

function dueRows(
  { database, clock }: WorkDependencies,
  { name, keyColumn, lockName }: WorkTable,
  { limit, without }: { limit: number; without: readonly string[] },
): Promise<DueRow[]> {
  return database.query<DueRow>(
    `SELECT ${keyColumn}::text AS key, (${lockName})::text AS "lockName" FROM ${name}
     WHERE due_at <= $1 AND (${lockName})::text <> ALL ($2::text[]) ORDER BY due_at, ${keyColumn} LIMIT ${limit}`,
    [new Date(clock.now()), without],
  );
}

/** Under the lock: whether the row is still due, and as which attempt. */
async function takeRow(
  { database, clock }: WorkDependencies,
  { name, keyColumn }: WorkTable,
  key: string,
): Promise<TakenRow | null> {
  const [row] = await database.query<{ attempts: number }>(
    `UPDATE ${name} SET attempts = attempts + 1 WHERE ${keyColumn}::text = $1 AND due_at <= $2 RETURNING attempts`,
    [key, new Date(clock.now())],
  );
  return row === undefined ? null : { key, attempt: row.attempts };
}

async function workRow(on: WorkDependencies, plan: WorkPlan, { key, attempt }: TakenRow): Promise<void> {
  const { name, keyColumn, retryDelaysMs } = plan;
  const { database, clock, logger } = on;
  try {
    const { state, note, againAt = null } = await plan.work(key, attempt);
    await database.query(
      `UPDATE ${name} SET state = $3, note = $4, due_at = $5, attempts = CASE WHEN $6 THEN 0 ELSE attempts END,
         last_error = NULL, worked_at = $7
       WHERE ${keyColumn}::text = $1 AND attempts = $2`,
      [key, attempt, state, note, againAt === null ? null : new Date(againAt), againAt !== null, new Date(clock.now())],
    );
  } catch (error) {
    const delayMs = retryDelaysMs[attempt - 1];
    const message = (error instanceof Error ? error.message : String(error)).slice(0, maxErrorLength);
    const log = { err: error, table: name, key, attempt, delayMs };
    if (delayMs === undefined) logger.error(log, "work is given up");
    else logger.warn(log, "work failed and is tried again");
    await database.query(
      `UPDATE ${name} SET last_error = $3, due_at = $4, state = CASE WHEN $5 THEN 'FAILED' ELSE state END
       WHERE ${keyColumn}::text = $1 AND attempts = $2`,
      [key, attempt, message, delayMs === undefined ? null : new Date(clock.now() + delayMs), delayMs === undefined],
    );
  }
}
