import type { Clock } from "../clock.ts";
import type { Sql } from "../database/index.ts";

const windowDays = 30;
const dayMs = 86_400_000;

/**
 * Counts GETs against the account's allowance: about 500 for each transaction in 30 days, and 10,000 in any case
 * (docs.stripe.com/rate-limits). Counted here and added up in the database, so that all processes share one number.
 */
export class ReadCounter {
  readonly allowance: number;
  readonly #clock: Clock;
  /** Since the last `save`. */
  #unsaved = 0;

  constructor(allowance: number, clock: Clock) {
    this.allowance = allowance;
    this.#clock = clock;
  }

  /** One GET more. */
  add(): void {
    this.#unsaved += 1;
  }

  /** Adds what was counted since the last time to the day's row, and forgets days that no longer count. */
  async save(sql: Sql): Promise<void> {
    const count = this.#unsaved;
    if (count === 0) return;
    this.#unsaved = 0;
    try {
      await sql.query(
        `INSERT INTO stripe_read_day AS stored (day, read_count) VALUES ($1, $2)
         ON CONFLICT (day) DO UPDATE SET read_count = stored.read_count + excluded.read_count`,
        [dayOf(this.#clock.now()), count],
      );
      await sql.query("DELETE FROM stripe_read_day WHERE day <= $1", [dayOf(this.#clock.now() - windowDays * dayMs)]);
    } catch (error) {
      this.#unsaved += count;
      throw error;
    }
  }

  /** GETs in the last 30 days, this process's latest included. */
  async used(sql: Sql): Promise<number> {
    const [row] = await sql.query<{ total: string }>(
      "SELECT coalesce(sum(read_count), 0)::text AS total FROM stripe_read_day WHERE day > $1",
      [dayOf(this.#clock.now() - windowDays * dayMs)],
    );
    return Number(row?.total ?? 0) + this.#unsaved;
  }

  /** How many are left; never less than none. */
  async left(sql: Sql): Promise<number> {
    return Math.max(0, this.allowance - (await this.used(sql)));
  }
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
