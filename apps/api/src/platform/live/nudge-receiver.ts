import { Client } from "pg";
import type { Logger } from "../observability/index.ts";
import { decodeNudge, NUDGE_CHANNEL } from "./nudge-payload.ts";
import type { Nudges } from "./nudges.ts";

const firstRetryMs = 100;
const lastRetryMs = 5_000;
const connectTimeoutMs = 5_000;
/** A connection whose other end is gone stays silent for ever; so it is asked. */
const probeEveryMs = 10_000;
const probeTimeoutMs = 5_000;

/**
 * The one LISTEN connection of a process, outside the pool. When it breaks it is made again for as long as the process
 * runs, and each time it is there again everything counts as changed, since nobody knows what was missed.
 */
export class NudgeReceiver {
  readonly #databaseUrl: string;
  readonly #nudges: Nudges;
  readonly #logger: Logger;
  #client: Client | null = null;
  #retry: NodeJS.Timeout | null = null;
  #probe: NodeJS.Timeout | null = null;
  #retryMs = firstRetryMs;
  #closed = false;

  constructor(parts: { databaseUrl: string; nudges: Nudges; logger: Logger }) {
    this.#databaseUrl = parts.databaseUrl;
    this.#nudges = parts.nudges;
    this.#logger = parts.logger;
  }

  /** Resolves when it listens, or when the first try failed and the next one is planned. */
  async start(): Promise<void> {
    if (this.#closed) return;
    const client = new Client({
      connectionString: this.#databaseUrl,
      application_name: "meterline-live",
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: probeTimeoutMs,
      keepAlive: true,
    });
    let over = false;
    const end = (error?: Error) => {
      if (over) return;
      over = true;
      this.#lost(client, error);
    };
    client.on("error", end);
    client.on("end", () => end());
    client.on("notification", ({ payload }) => this.#heard(payload ?? ""));
    try {
      await client.connect();
      await client.query(`LISTEN ${NUDGE_CHANNEL}`);
    } catch (error) {
      end(error as Error);
      return;
    }
    if (this.#closed) return void client.end().catch(() => undefined);
    this.#client = client;
    this.#retryMs = firstRetryMs;
    this.#probe = setInterval(() => client.query("SELECT 1").catch((error: Error) => end(error)), probeEveryMs);
    // What happened before LISTEN took hold went unheard.
    this.#nudges.isHearing = true;
    this.#nudges.heard("ALL");
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#probe !== null) clearInterval(this.#probe);
    this.#nudges.isHearing = false;
    await this.#client?.end().catch(() => undefined);
  }

  #heard(payload: string): void {
    const nudge = decodeNudge(payload);
    // Its own were told within the process already.
    if (nudge !== null && nudge.senderId !== this.#nudges.senderId)
      this.#nudges.heard(nudge.customerIds, nudge.subject);
  }

  #lost(client: Client, error: Error | undefined): void {
    if (this.#probe !== null) clearInterval(this.#probe);
    this.#probe = null;
    this.#client = null;
    this.#nudges.isHearing = false;
    // A connection that is half open must not be waited for; an error after this one says nothing new.
    client.on("error", () => undefined);
    client.end().catch(() => undefined);
    if (this.#closed) return;
    this.#logger.warn({ err: error, retryMs: this.#retryMs }, "the connection for live updates broke");
    this.#retry = setTimeout(() => void this.start(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
  }
}
