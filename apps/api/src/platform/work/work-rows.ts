import type { EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../clock.ts";
import type { Database, SessionLocks } from "../database/index.ts";
import type { Logger } from "../observability/index.ts";

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

const pollMs = 1_000;
/** More than can be worked at once, since some may be held by other processes. */
const candidatesPerSlot = 8;
const maxErrorLength = 1_000;

/**
 * Works the rows of a table, over any number of processes: each row under a session lock that ends with its process, so
 * that what a killed process had begun is taken up by another at its next look. Each attempt is counted before it
 * begins, so that a row that kills its process is given up in the end too.
 */
export class WorkRows {
  readonly #on: WorkDependencies;
  readonly #plan: WorkPlan;
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;

  constructor(dependencies: WorkDependencies, plan: WorkPlan) {
    this.#on = dependencies;
    this.#plan = plan;
  }

  /** Begins to work rows as they fall due. */
  start(): void {
    this.#running = true;
    this.nudge();
  }

  /** Takes up no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#underWay);
  }

  /** There may be something new: looks now instead of at the next poll. Does nothing where no work is done. */
  nudge(): void {
    if (!this.#running) return;
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#looking = this.#look().finally(() => {
      this.#looking = null;
      if (!this.#running) return;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.nudge();
      } else this.#timer = setTimeout(() => this.nudge(), pollMs);
    });
  }

  /** Works everything that is due now, and what falls due meanwhile; answers how many attempts that took. */
  async drain(): Promise<number> {
    let attempts = 0;
    for (;;) {
      let tried = 0;
      for (const row of await this.#due(this.#plan.concurrency * candidatesPerSlot)) {
        if (await this.#attempt(row)) tried += 1;
      }
      if (tried === 0) return attempts;
      attempts += tried;
    }
  }

  async #look(): Promise<void> {
    try {
      const free = this.#plan.concurrency - this.#underWay.size;
      if (free <= 0) return;
      for (const row of await this.#due(this.#plan.concurrency * candidatesPerSlot)) {
        if (!this.#running || this.#underWay.size >= this.#plan.concurrency) return;
        this.#begin(row);
      }
    } catch (error) {
      this.#on.logger.warn({ err: error, table: this.#plan.name }, "could not look for work");
    }
  }

  #begin(row: DueRow): void {
    const attempt = this.#attempt(row)
      .then(
        (tried) => {
          // Its end may have made room, or freed what another row waits for.
          if (tried) queueMicrotask(() => this.nudge());
        },
        (error: unknown) =>
          this.#on.logger.warn({ err: error, table: this.#plan.name }, "could not keep how work ended"),
      )
      .finally(() => this.#underWay.delete(attempt));
    this.#underWay.add(attempt);
  }

  #due(limit: number): Promise<DueRow[]> {
    const { name, keyColumn, lockName } = this.#plan;
    return this.#on.database.query<DueRow>(
      `SELECT ${keyColumn}::text AS key, (${lockName})::text AS "lockName" FROM ${name}
       WHERE due_at <= $1 ORDER BY due_at, ${keyColumn} LIMIT ${limit}`,
      [new Date(this.#on.clock.now())],
    );
  }

  /** False when the row was not there to be worked any more, or somebody else is at it. */
  async #attempt({ key, lockName }: DueRow): Promise<boolean> {
    const { lockClass } = this.#plan;
    if (!(await this.#on.locks.tryLock(lockClass, lockName))) return false;
    try {
      const attempt = await this.#count(key);
      if (attempt === null) return false;
      await this.#work(key, attempt);
      return true;
    } finally {
      await this.#on.locks.unlock(lockClass, lockName);
    }
  }

  /** Under the lock: whether the row is still due, and as which attempt. */
  async #count(key: string): Promise<number | null> {
    const { name, keyColumn } = this.#plan;
    const [row] = await this.#on.database.query<{ attempts: number }>(
      `UPDATE ${name} SET attempts = attempts + 1 WHERE ${keyColumn}::text = $1 AND due_at <= $2 RETURNING attempts`,
      [key, new Date(this.#on.clock.now())],
    );
    return row?.attempts ?? null;
  }

  async #work(key: string, attempt: number): Promise<void> {
    const { name, keyColumn, retryDelaysMs } = this.#plan;
    const { database, clock, logger } = this.#on;
    try {
      const { state, note, againAt = null } = await this.#plan.work(key, attempt);
      await database.query(
        `UPDATE ${name} SET state = $3, note = $4, due_at = $5, attempts = CASE WHEN $6 THEN 0 ELSE attempts END,
           last_error = NULL, worked_at = $7
         WHERE ${keyColumn}::text = $1 AND attempts = $2`,
        [
          key,
          attempt,
          state,
          note,
          againAt === null ? null : new Date(againAt),
          againAt !== null,
          new Date(clock.now()),
        ],
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
}
