import { randomBytes } from "node:crypto";
import type { Sql } from "../database/index.ts";
import type { Logger } from "../observability/index.ts";
import { encodeNudge, NUDGE_CHANNEL, nudgePayloads, type NudgeSubject } from "./nudge-payload.ts";

/** Hears that something of these customers has changed; ALL when it is not known whose or what, so everything is looked at. */
export type NudgeListener = (customerIds: readonly string[] | "ALL", subject: NudgeSubject) => void;

/** What whoever changes something needs: see {@link Nudges.nudge}. */
export type Nudging = Pick<Nudges, "nudge">;

/** What whoever wants to hear of changes needs: see {@link Nudges.listen} and {@link Nudges.isHearing}. */
export type Hearing = Pick<Nudges, "listen" | "isHearing">;

/** Other processes hear of something new at most about this late. */
const defaultEveryMs = 100;
/** Customers that wait to be told of; past it they are told of as ALL. */
const maxWaiting = 50_000;
/** How long after a failure it is tried again. */
const retryMs = 1_000;

/**
 * Says that something of a customer has changed: at once in this process, and to all others by NOTIFY. A nudge carries
 * no data and may be lost or come twice: whoever hears one reads the tables. It is sent outside the transaction of the
 * change, after its commit, because PostgreSQL takes one lock of the whole cluster to commit a transaction with a NOTIFY,
 * which would put all ingest in one line. The first goes out at once, then at most one a `everyMs`, for all customers
 * together.
 */
export class Nudges {
  readonly #sql: Sql;
  readonly #logger: Logger;
  readonly #everyMs: number;
  readonly #listeners = new Set<NudgeListener>();
  #waiting = { USAGE: new Set<string>(), BILLING: new Set<string>() };
  #allWaiting = false;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #closed = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** Whether other processes are heard now; nudges of one's own always are. Set by who listens for others. */
  isHearing = false;
  /** By which a process knows its own nudges when they come back to it. */
  readonly senderId = randomBytes(6).toString("base64url");

  constructor(parts: { sql: Sql; logger: Logger; everyMs?: number }) {
    this.#sql = parts.sql;
    this.#logger = parts.logger;
    this.#everyMs = parts.everyMs ?? defaultEveryMs;
  }

  /** Something of these customers has changed, and is committed. Returns at once. */
  nudge(customerIds: Iterable<string>, subject: NudgeSubject = "USAGE"): void {
    const ids = [...customerIds];
    if (ids.length === 0 || this.#closed) return;
    this.heard(ids, subject);
    const waiting = this.#waiting[subject];
    for (const id of ids) waiting.add(id);
    if (waiting.size > maxWaiting) {
      waiting.clear();
      this.#allWaiting = true;
    }
    this.#schedule();
  }

  /** Called by who listens for other processes. */
  heard(customerIds: readonly string[] | "ALL", subject: NudgeSubject = "BILLING"): void {
    for (const listener of this.#listeners) listener(customerIds, subject);
  }

  /** Answers the way to stop hearing. */
  listen(listener: NudgeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends what waits, then sends no more. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#sending;
    await this.#send();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#sending !== null) return;
    const dueInMs = Math.max(0, this.#sentAt + this.#everyMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#sending = this.#send().finally(() => {
        this.#sending = null;
        if (this.#hasWaiting && !this.#closed) this.#schedule();
      });
    }, dueInMs);
  }

  get #hasWaiting(): boolean {
    return this.#allWaiting || this.#waiting.USAGE.size + this.#waiting.BILLING.size > 0;
  }

  async #send(): Promise<void> {
    if (!this.#hasWaiting) return;
    const { USAGE: usage, BILLING: billing } = this.#waiting;
    const payloads = this.#allWaiting
      ? [encodeNudge({ senderId: this.senderId, subject: "BILLING", customerIds: "ALL" })]
      : [
          ...nudgePayloads(this.senderId, "BILLING", [...billing]),
          ...nudgePayloads(
            this.senderId,
            "USAGE",
            [...usage].filter((id) => !billing.has(id)),
          ),
        ];
    this.#waiting = { USAGE: new Set(), BILLING: new Set() };
    this.#allWaiting = false;
    this.#sentAt = performance.now();
    try {
      await this.#sql.query("SELECT pg_notify($1, payload) FROM unnest($2::text[]) payload", [NUDGE_CHANNEL, payloads]);
    } catch (error) {
      // Nobody is missing anything for ever: readers look at the tables by themselves too, only later.
      this.#logger.warn({ err: error, customers: usage.size + billing.size }, "could not nudge the other processes");
      this.#allWaiting = true;
      this.#sentAt = performance.now() + retryMs - this.#everyMs;
    }
  }
}
