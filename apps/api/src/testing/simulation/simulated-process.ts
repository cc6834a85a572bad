import type pg from "pg";
import type { Container } from "../../container.ts";
import type { Dice } from "./dice.ts";
import { type CrashPoint, ProcessDied, ProcessScope } from "./process-scope.ts";

/** The product as one process: it does one step at a time, dies where it is told to, and is started again by the next step. */
export class SimulatedProcess {
  readonly #make: () => Promise<Container>;
  readonly #admin: pg.Client;
  readonly #dice: Dice;
  #scope: ProcessScope;
  #container: Container | null = null;
  /** How often it died. */
  deaths = 0;

  /** `dice` is the chance inside of it; `make` starts it. */
  constructor(admin: pg.Client, dice: Dice, make: () => Promise<Container>) {
    this.#admin = admin;
    this.#dice = dice;
    this.#make = make;
    this.#scope = new ProcessScope(dice);
  }

  /** Dies at the n-th write from now, in whichever step that is. */
  arm(point: CrashPoint): void {
    this.#scope.arm(point);
  }

  /** Nothing that is armed strikes any more. */
  disarm(): void {
    this.#scope.arm(null);
  }

  /** Writes so far, over all lives. */
  get writes(): number {
    return this.#earlierWrites + this.#scope.writes;
  }

  #earlierWrites = 0;

  /** Does a step in this process, started if need be. A death is a value, because the schedule goes on after it. */
  async step<T>(
    work: (container: Container) => Promise<T>,
  ): Promise<{ died: null; answer: T } | { died: ProcessDied }> {
    const container = await this.container();
    try {
      return { died: null, answer: await this.#scope.run(() => work(container)) };
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error;
      await this.#bury();
      return { died: error };
    }
  }

  /** Does it until it was done once without a death, at most `most` times: what a caller does who got no answer. */
  async untilAnswered<T>(
    work: (container: Container) => Promise<T>,
    onDeath: (death: ProcessDied) => void,
  ): Promise<T> {
    const most = 5;
    for (let attempt = 0; attempt < most; attempt += 1) {
      const done = await this.step(work);
      if (done.died === null) return done.answer;
      onDeath(done.died);
    }
    throw new Error(`a process that died ${most} times in one step`);
  }

  /** The parts of the living process, for looking at; what is asked of them here never dies. */
  async container(): Promise<Container> {
    this.#container ??= await this.#make();
    return this.#container;
  }

  async stop(): Promise<void> {
    await this.#container?.close();
    this.#container = null;
  }

  /** What the operating system and the server do for a process that was killed: its sessions end, and roll back. */
  async #bury(): Promise<void> {
    this.deaths += 1;
    this.#earlierWrites += this.#scope.writes;
    await this.#scope.settled();
    await endBackends(this.#admin, [...this.#scope.backends]);
    // Connections that were checked out never come back, so nobody waits for the pool.
    this.#container?.close().catch(() => undefined);
    this.#container = null;
    this.#scope = new ProcessScope(this.#dice);
  }
}

const mostPolls = 500;

async function endBackends(admin: pg.Client, pids: readonly number[]): Promise<void> {
  await admin.query("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", [pids]);
  for (let poll = 0; poll < mostPolls; poll += 1) {
    const { rowCount } = await admin.query("SELECT FROM pg_stat_activity WHERE pid = ANY ($1)", [pids]);
    if (rowCount === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error("sessions of a process that died did not end");
}
