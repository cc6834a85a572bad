import type { Clock } from "../../clock.ts";
import type { Sql } from "../../database/index.ts";
import type { Logger } from "../../observability/index.ts";
import type { WebhookRefusal } from "./webhook-check.ts";

type Count = { reason: WebhookRefusal; hour: number; count: number; firstAt: number; lastAt: number; address: string };

const hourMs = 3_600_000;
const flushMs = 1_000;

/**
 * Keeps a bounded record of what was refused: one row a reason and hour, written at most once a second. A flood of
 * forgeries costs as little as one; what the last second counted is lost with a killed process.
 */
export class WebhookRefusals {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #counts = new Map<string, Count>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: { sql: Sql; clock: Clock; logger: Logger }) {
    this.#sql = parts.sql;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Counts one. `address` is where it came from. */
  add(reason: WebhookRefusal, address: string): void {
    const now = this.#clock.now();
    const hour = Math.floor(now / hourMs) * hourMs;
    const key = `${reason} ${hour}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { reason, hour, count: 1, firstAt: now, lastAt: now, address });
    else Object.assign(known, { count: known.count + 1, lastAt: now, address });
    this.#timer ??= setTimeout(() => {
      this.save().catch((error: unknown) => this.#logger.warn({ err: error }, "could not keep refused webhooks"));
    }, flushMs);
  }

  /** Writes what was counted; also when the process stops. */
  async save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    for (const { reason, hour, count, firstAt, lastAt, address } of counts) {
      await this.#sql.query(
        `INSERT INTO stripe_webhook_refusal AS stored VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (reason, hour) DO UPDATE SET refusal_count = stored.refusal_count + excluded.refusal_count,
           last_at = excluded.last_at, last_address = excluded.last_address`,
        [reason, new Date(hour), count, new Date(firstAt), new Date(lastAt), address.slice(0, 100)],
      );
    }
  }
}
