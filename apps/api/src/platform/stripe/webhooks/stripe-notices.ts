import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { Sql } from "../../database/index.ts";

/** What somebody did at Stripe that touches what we keep there. */
export type NoticeKind =
  | "CUSTOMER_DELETED"
  | "METER_DEACTIVATED"
  | "METER_CHANGED"
  | "PRICE_DEACTIVATED"
  | "PRICE_CHANGED"
  | "SUBSCRIPTION_CHANGED"
  | "SUBSCRIPTION_ENDED"
  | "CATALOG_DIFFERS"
  | "SYNC_REFUSED";

/** For staff: what happened and what to do. Names ids, never secrets. */
export type Notice = { kind: NoticeKind; objectId: string; customerId: string | null; message: string };

/** Keeps what staff should know of; the same thing again while it is open only counts. */
export class StripeNotices {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async write(sql: Sql, notice: Notice): Promise<void> {
    const now = new Date(this.#clock.now());
    const { kind, objectId, customerId, message } = notice;
    await sql.query(
      `INSERT INTO stripe_notice AS open (id, kind, customer_id, object_id, message, first_at, last_at)
       VALUES ($1, $2, $3, $4, $5, $6, $6)
       ON CONFLICT (kind, object_id) WHERE resolved_at IS NULL
       DO UPDATE SET seen_count = open.seen_count + 1, last_at = excluded.last_at, message = excluded.message`,
      [randomUUID(), kind, customerId, objectId, message.slice(0, 2_000), now],
    );
  }

  /** The thing itself is well again: what was open about it is dealt with. */
  async settle(sql: Sql, kind: NoticeKind, objectId: string): Promise<void> {
    await sql.query(
      `UPDATE stripe_notice SET resolved_at = $3, resolved_by = 'system'
       WHERE kind = $1 AND object_id = $2 AND resolved_at IS NULL`,
      [kind, objectId, new Date(this.#clock.now())],
    );
  }

  /** Says that a notice is dealt with; false where it was, or is unknown. */
  async resolve(sql: Sql, id: string, actor: string): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE stripe_notice SET resolved_at = $2, resolved_by = $3 WHERE id = $1 AND resolved_at IS NULL RETURNING id`,
      [id, new Date(this.#clock.now()), actor],
    );
    return rows.length > 0;
  }
}
