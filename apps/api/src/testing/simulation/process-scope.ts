import { AsyncLocalStorage } from "node:async_hooks";
import type { Dice } from "./dice.ts";

/** Where a process dies: at the n-th write from now, before it is sent, or after it was done and before its answer is seen. */
export type CrashPoint = { writesLeft: number; moment: "BEFORE" | "AFTER" };

/** Told when a process died; what was under way in it never goes on. */
export class ProcessDied extends Error {
  constructor(readonly at: string) {
    super(`the process died ${at}`);
  }
}

/**
 * One process of the simulation, as seen from its statements and calls. Everything that runs inside `run` belongs to it,
 * whatever it awaits. When its crash point is reached it is dead: the statement or call never answers, nor does any later
 * one, so no catch or finally of it ever acts again, just as after a SIGKILL.
 */
export class ProcessScope {
  static readonly #current = new AsyncLocalStorage<ProcessScope>();
  #armed: CrashPoint | null = null;
  #death: ProcessDied | null = null;
  #onDeath: ((death: ProcessDied) => void) | null = null;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Server processes of its database connections, which a crash ends. */
  readonly backends = new Set<number>();
  /** Where chance inside of it comes from. */
  readonly dice: Dice;
  /** Writes so far: statements that change something, commits and calls that are no reads. */
  writes = 0;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  /** The process that the running code belongs to; undefined for the simulation itself. */
  static current(): ProcessScope | undefined {
    return ProcessScope.#current.getStore();
  }

  get isDead(): boolean {
    return this.#death !== null;
  }

  /** Sets where it dies; null disarms. */
  arm(point: CrashPoint | null): void {
    this.#armed = point === null ? null : { ...point };
  }

  /** Runs work as part of this process. @throws ProcessDied when it dies on the way */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#death !== null) return Promise.reject(this.#death);
    return new Promise<T>((resolve, reject) => {
      this.#onDeath = reject;
      ProcessScope.#current.run(this, () => {
        work().then(resolve, reject);
      });
    });
  }

  /** Passes one statement or call on, unless the process dies at it. `name` is for the trace. */
  async pass<T>(name: string, isWrite: boolean, send: () => Promise<T>): Promise<T> {
    if (this.#death !== null) return never();
    const point = this.#armed;
    const strikes = isWrite && point?.writesLeft === 0;
    if (isWrite) {
      this.writes += 1;
      if (point !== null) point.writesLeft -= 1;
    }
    if (point !== null && strikes) {
      if (point.moment === "AFTER") await this.#sent(send()).catch(() => undefined);
      return this.#die(`${point.moment === "BEFORE" ? "before" : "after"} ${name}`);
    }
    const answer = await this.#sent(send());
    return this.#death === null ? answer : never();
  }

  /** Resolves when all that was sent was answered, dead or alive. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Remembers what was sent until it is answered: a server does what it was sent, whether the sender lives or not. */
  #sent<T>(answer: Promise<T>): Promise<T> {
    this.#underWay.add(answer);
    const forget = () => void this.#underWay.delete(answer);
    answer.then(forget, forget);
    return answer;
  }

  /** Ends it from outside, between two steps. */
  kill(): void {
    this.#death ??= new ProcessDied("between two steps");
  }

  #die(at: string): Promise<never> {
    this.#death = new ProcessDied(at);
    this.#onDeath?.(this.#death);
    return never();
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
