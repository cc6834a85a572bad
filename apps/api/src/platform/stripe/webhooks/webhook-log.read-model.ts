import type { Sql } from "../../database/index.ts";
import type { WebhookFamily } from "./webhook-event.ts";
import type { WebhookRefusal } from "./webhook-check.ts";

/** State of a stored event. */
export type WebhookState = "WAITING" | "DONE" | "IGNORED" | "FAILED";

/** A stored event, as staff see it. */
export type WebhookLogRow = {
  id: string;
  family: WebhookFamily;
  type: string;
  objectId: string | null;
  state: WebhookState;
  note: string | null;
  lastError: string | null;
  attempts: number;
  deliveries: number;
  caughtUp: boolean;
  occurredAt: Date;
  receivedAt: Date;
  dueAt: Date | null;
  workedAt: Date | null;
};

const columns = `id, family, type, object_id AS "objectId", state, note, last_error AS "lastError", attempts, deliveries,
  caught_up AS "caughtUp",  occurred_at AS "occurredAt", received_at AS "receivedAt", due_at AS "dueAt", worked_at AS "workedAt"`;

/** Latest first; `after` is the receipt (RFC 3339) and id of the last row seen. */
export function webhookLog(
  sql: Sql,
  query: { state: WebhookState | null; type: string | null; after: { at: string; id: string } | null; limit: number },
): Promise<WebhookLogRow[]> {
  const { state, type, after, limit } = query;
  return sql.query<WebhookLogRow>(
    `SELECT ${columns} FROM stripe_webhook_event
     WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR type = $2)
       AND ($3::timestamptz IS NULL OR (received_at, id) < ($3::timestamptz, $4))
     ORDER BY received_at DESC, id DESC LIMIT $5`,
    [state, type, after?.at ?? null, after?.id ?? null, limit],
  );
}

/** One event, or null. */
export async function webhookOf(sql: Sql, id: string): Promise<WebhookLogRow | null> {
  const [row] = await sql.query<WebhookLogRow>(`SELECT ${columns} FROM stripe_webhook_event WHERE id = $1`, [id]);
  return row ?? null;
}

/** What was refused in one hour for one reason. */
export type RefusalRow = {
  reason: WebhookRefusal;
  hour: Date;
  count: string;
  firstAt: Date;
  lastAt: Date;
  lastAddress: string;
};

/** Latest first. */
export function webhookRefusals(sql: Sql, limit: number): Promise<RefusalRow[]> {
  return sql.query<RefusalRow>(
    `SELECT reason, hour, refusal_count AS count, first_at AS "firstAt", last_at AS "lastAt",
       last_address AS "lastAddress"
     FROM stripe_webhook_refusal ORDER BY hour DESC, reason LIMIT $1`,
    [limit],
  );
}

/** A notice, as staff see it. */
export type NoticeRow = {
  id: string;
  kind: string;
  customerId: string | null;
  objectId: string;
  message: string;
  seenCount: number;
  firstAt: Date;
  lastAt: Date;
  resolvedAt: Date | null;
};

/** Latest first; open ones only, or all. */
export function stripeNotices(sql: Sql, query: { openOnly: boolean; limit: number }): Promise<NoticeRow[]> {
  return sql.query<NoticeRow>(
    `SELECT id, kind, customer_id AS "customerId", object_id AS "objectId", message, seen_count AS "seenCount",
       first_at AS "firstAt", last_at AS "lastAt", resolved_at AS "resolvedAt"
     FROM stripe_notice WHERE NOT $1 OR resolved_at IS NULL ORDER BY last_at DESC, id LIMIT $2`,
    [query.openOnly, query.limit],
  );
}
