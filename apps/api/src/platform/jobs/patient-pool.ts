import type { Pool, PoolClient } from "pg";
import { isOutage, sqlStateOf } from "../database/index.ts";

/** "cannot_connect_now": graphile-worker 0.18 tries a statement again for this code, and for few others. */
const retriedCode = "57P03";
const retriedAnyway = new Set(["40001", "40P01"]);

/**
 * The pool as the worker sees it. Every outage carries the code on which graphile-worker waits and tries again: for any
 * other, such as a refused connection, it gives up completing a job with a rejection that nobody handles, which ends
 * the process. And it knows when the worker has given back every connection.
 */
export class PatientPool {
  readonly pool: Pool;
  #inUse = 0;
  #waiting: (() => void)[] = [];

  constructor(pool: Pool) {
    // With a callback it asks for the connection on which it listens for new jobs, and looks after that one itself.
    this.pool = replaceMethod(pool, "connect", (callback?: Parameters<Pool["connect"]>[0]) =>
      callback === undefined ? this.#connect(pool) : pool.connect(callback),
    );
  }

  /** Resolves when no connection is in use. */
  async settled(): Promise<void> {
    if (this.#inUse > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #connect(pool: Pool): Promise<PoolClient> {
    this.#inUse += 1;
    try {
      const client = await marked(pool.connect());
      return patientClient(client, () => this.#giveBack());
    } catch (error) {
      this.#giveBack();
      throw error;
    }
  }

  #giveBack(): void {
    this.#inUse -= 1;
    if (this.#inUse > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function patientClient(client: PoolClient, onRelease: () => void): PoolClient {
  const query = (...parameters: Parameters<PoolClient["query"]>) => {
    const answer: unknown = client.query(...parameters);
    return answer instanceof Promise ? marked(answer) : answer;
  };
  let released = false;
  const release = (error?: Error | boolean) => {
    client.release(error);
    if (!released) onRelease();
    released = true;
  };
  return replaceMethod(replaceMethod(client, "query", query), "release", release);
}

async function marked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const known = retriedAnyway.has(sqlStateOf(error) ?? "");
    throw error instanceof Error && !known && isOutage(error) ? Object.assign(error, { code: retriedCode }) : error;
  }
}

function replaceMethod<T extends object>(target: T, name: keyof T, method: unknown): T {
  return new Proxy(target, {
    get(_target, property) {
      if (property === name) return method;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
