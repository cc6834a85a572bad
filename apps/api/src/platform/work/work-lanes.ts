import type { SessionLocks } from "../database/index.ts";
import type { Logger } from "../observability/index.ts";

/** What is worked, and by what it is kept. Rows of one `lockName` are a lane: worked one after the other, in order. */
export type WorkSource<Row extends { lockName: string }, Taken> = {
  /** For the log. */
  name: string;
  /** Tells these locks from others; any number that nobody else uses. */
  lockClass: number;
  /** Lanes at a time in this process. */
  concurrency: number;
  /** Rows that are due, those that are due longest first, but for those of the lanes that are named. */
  due(limit: number, without: readonly string[]): Promise<Row[]>;
  /** Under the lane's lock: counts an attempt. Null where the row is not due any more. */
  take(row: Row): Promise<Taken | null>;
  /** Does the work and keeps how it ended; throws only where that could not be kept. */
  work(taken: Taken): Promise<void>;
};

const pollMs = 1_000;
/** How long after a lane's end it is looked for more, so that many ends share one look. */
const gatherMs = 20;
/** Rows of one look, for each lane that may be under way: some may be held by other processes, some share a lane. */
const candidatesPerSlot = 8;
/** Lanes that other processes hold are left out of the next look; more than so many are tried again. */
const mostHeldElsewhere = 200;

/**
 * Works what is due, over any number of processes: each lane under a session lock that ends with its process, so that
 * what a killed process had begun is taken up by another at its next look. A lane that is slow holds up no other: it
 * has one place, and its rows are not looked at while it is under way.
 */
export class WorkLanes<Row extends { lockName: string }, Taken> {
  readonly #source: WorkSource<Row, Taken>;
  readonly #on: { locks: SessionLocks; logger: Logger };
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #heldElsewhere = new Set<string>();
  /** What the last look found and nobody has begun yet. */
  #waiting = new Map<string, Row[]>();
  #poll: NodeJS.Timeout | undefined;
  #gather: NodeJS.Timeout | undefined;
  #running = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #mayBeMore = false;

  constructor(on: { locks: SessionLocks; logger: Logger }, source: WorkSource<Row, Taken>) {
    this.#on = on;
    this.#source = source;
  }

  /** Begins to work rows as they fall due. */
  start(): void {
    this.#running = true;
    this.nudge();
  }

  /** Takes up no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#forgetTimers();
    await this.#looking;
    await Promise.all(this.#underWay.values());
  }

  /** There may be something new: looks now instead of at the next poll. Does nothing where no work is done. */
  nudge(): void {
    if (!this.#running) return;
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return;
    }
    this.#forgetTimers();
    this.#looking = this.#look().finally(() => {
      this.#looking = null;
      if (!this.#running) return;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.nudge();
      } else this.#poll = setTimeout(() => this.#pollNow(), pollMs);
    });
  }

  /** Works everything that is due now, and what falls due meanwhile, one by one; answers how many attempts that took. */
  async drain(): Promise<number> {
    let attempts = 0;
    for (;;) {
      let tried = 0;
      for (const row of await this.#source.due(this.#limit, [])) tried += await this.#workLane([row], () => true);
      if (tried === 0) return attempts;
      attempts += tried;
    }
  }

  get #limit(): number {
    return this.#source.concurrency * candidatesPerSlot;
  }

  #forgetTimers(): void {
    clearTimeout(this.#poll);
    clearTimeout(this.#gather);
    this.#gather = undefined;
  }

  #pollNow(): void {
    // Whoever held them may have died meanwhile.
    this.#heldElsewhere.clear();
    this.nudge();
  }

  async #look(): Promise<void> {
    if (this.#underWay.size >= this.#source.concurrency) return;
    try {
      const rows = await this.#source.due(this.#limit, [...this.#underWay.keys(), ...this.#heldElsewhere]);
      this.#mayBeMore = rows.length === this.#limit;
      this.#waiting = Map.groupBy(rows, (row) => row.lockName);
      this.#fill();
    } catch (error) {
      this.#on.logger.warn({ err: error, table: this.#source.name }, "could not look for work");
    }
  }

  #fill(): void {
    for (const [name, rows] of this.#waiting) {
      if (!this.#running || this.#underWay.size >= this.#source.concurrency) return;
      this.#waiting.delete(name);
      if (!this.#underWay.has(name)) this.#begin(name, rows);
    }
  }

  #begin(name: string, rows: readonly Row[]): void {
    const lane = this.#workLane(rows, () => this.#running)
      .catch((error: unknown) => {
        this.#on.logger.warn({ err: error, table: this.#source.name }, "could not keep how work ended");
        return 0;
      })
      .then((tried) => {
        this.#underWay.delete(name);
        this.#fill();
        // Its end may have made something due, or room for what the last look left behind.
        if (this.#waiting.size === 0 && (tried > 0 || this.#mayBeMore)) this.#lookSoon();
      });
    this.#underWay.set(name, lane);
  }

  #lookSoon(): void {
    if (!this.#running) return;
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined;
      this.nudge();
    }, gatherMs);
  }

  /** Works rows of one lane under its lock, while `goesOn`; answers how many were tried. */
  async #workLane(rows: readonly Row[], goesOn: () => boolean): Promise<number> {
    const { lockClass, take, work } = this.#source;
    const name = rows[0]?.lockName ?? "";
    if (!(await this.#on.locks.tryLock(lockClass, name))) {
      if (this.#heldElsewhere.size < mostHeldElsewhere) this.#heldElsewhere.add(name);
      return 0;
    }
    let tried = 0;
    try {
      for (const row of rows) {
        if (!goesOn()) break;
        const taken = await take(row);
        if (taken === null) continue;
        tried += 1;
        await work(taken);
      }
    } finally {
      await this.#on.locks.unlock(lockClass, name);
    }
    return tried;
  }
}
