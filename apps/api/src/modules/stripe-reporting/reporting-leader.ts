import { Client } from "pg";
import { processLocks } from "../../platform/database/index.ts";
import type { Logger } from "../../platform/observability/index.ts";

/** What the leader does. `signal` is aborted when it is not the leader any more, or is to stop. */
export type LeaderWork = {
  lead(signal: AbortSignal): Promise<void>;
  /** The lead is lost, perhaps to another process: nothing more may be written down. */
  lost(): void;
};

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 10_000;

/**
 * One process at a time, of any number, does the work. Who holds a session's advisory lock on a connection of its own leads;
 * PostgreSQL frees it at once when the process is killed. A job queue would hold a dead worker's job for hours.
 */
export class ReportingLeader {
  readonly #databaseUrl: string;
  readonly #logger: Logger;
  readonly #work: LeaderWork;
  readonly #everyMs: number;
  #stopping: AbortController | null = null;
  #running: Promise<void> | null = null;
  #isLeader = false;

  constructor(parts: { databaseUrl: string; logger: Logger; work: LeaderWork; tryEveryMs?: number }) {
    this.#databaseUrl = parts.databaseUrl;
    this.#logger = parts.logger;
    this.#work = parts.work;
    this.#everyMs = parts.tryEveryMs ?? 2_000;
  }

  get isLeader(): boolean {
    return this.#isLeader;
  }

  /** Begins to try. */
  start(): void {
    if (this.#running !== null) return;
    const stopping = new AbortController();
    this.#stopping = stopping;
    this.#running = this.#run(stopping.signal);
  }

  /** Gives up the lead once what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping?.abort();
    await this.#running;
    this.#running = null;
  }

  async #run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      try {
        await this.#tryToLead(stopping);
      } catch (error) {
        this.#logger.warn({ err: error }, "the lead of reporting to Stripe ended; it is tried again");
      }
      await pause(this.#everyMs, stopping);
    }
  }

  async #tryToLead(stopping: AbortSignal): Promise<void> {
    const client = new Client({
      connectionString: this.#databaseUrl,
      application_name: "meterline-reporting",
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: statementTimeoutMs,
      keepAlive: true,
    });
    const lost = new AbortController();
    const lose = () => {
      if (!lost.signal.aborted) this.#work.lost();
      lost.abort();
    };
    client.on("error", lose);
    client.on("end", lose);
    try {
      await client.connect();
      // A machine that lost its power closes nothing; without these its lock would stay for hours.
      await client.query("SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3");
      const { rows } = await client.query<{ leads: boolean }>("SELECT pg_try_advisory_lock($1) AS leads", [
        processLocks.reporting,
      ]);
      if (rows[0]?.leads !== true) return;
      this.#isLeader = true;
      await this.#work.lead(AbortSignal.any([stopping, lost.signal]));
    } finally {
      this.#isLeader = false;
      client.off("end", lose);
      client.off("error", lose);
      client.on("error", () => undefined);
      await client.end().catch(() => undefined);
    }
  }
}

/** Waits, but not past the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const ended = () => resolve();
  signal.addEventListener("abort", ended, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", ended);
}
