import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type Column, instantText, runColumns } from "../usage/index.ts";

/** A delivery that is due. Those of one `lockName` are sent one after the other. */
export type DueDelivery = { customerId: string; id: string; lockName: string };

/** A delivery that is about to be sent, with what it takes. */
export type DeliveryToSend = {
  customerId: string;
  id: string;
  alertId: string | null;
  kind: "ALERT" | "TEST" | "ENDPOINT_PAUSED";
  channel: "EMAIL" | "WEBHOOK";
  target: string;
  /** Of what is about an endpoint. */
  endpointUrl: string | null;
  externalCustomerId: string;
  customerName: string;
  timeZone: string;
  /** Null in mail, and where the endpoint is no more. */
  endpoint: { url: string; isPaused: boolean; isFailing: boolean; sealedSecrets: readonly Buffer[] } | null;
};

const lockNames = { EMAIL: "id::text", WEBHOOK: "target" } as const;

/**
 * What is due, those that are due longest first. One endpoint hears one thing at a time, so its deliveries are one lane;
 * the lanes `without` are left out. Not a prepared statement: the names are then looked up by a hash.
 */
export function dueDeliveries(
  sql: Sql,
  of: { channel: "EMAIL" | "WEBHOOK"; now: EpochMs; limit: number; without: readonly string[] },
): Promise<DueDelivery[]> {
  const lockName = lockNames[of.channel];
  return sql.query<DueDelivery>(
    `SELECT customer_id AS "customerId", id, ${lockName} AS "lockName" FROM alert_delivery
     WHERE channel = '${of.channel}' AND due_at <= $1 AND ${lockName} <> ALL ($2::text[])
     ORDER BY due_at, id LIMIT $3`,
    [new Date(of.now), of.without, of.limit],
  );
}

type ToSendRow = Omit<DeliveryToSend, "endpoint"> & {
  hasEndpoint: boolean;
  isPaused: boolean;
  isFailing: boolean;
  sealed: Buffer[] | null;
};

/** Those of these deliveries that are still due, by id, each with its endpoint and the secrets valid now, newest first. */
export async function deliveriesToSend(
  sql: Sql,
  due: readonly DueDelivery[],
  now: EpochMs,
): Promise<Map<string, DeliveryToSend>> {
  const rows = await sql.query<ToSendRow>(
    `SELECT d.customer_id AS "customerId", d.id, d.alert_id AS "alertId", d.kind, d.channel, d.target,
       e.url AS "endpointUrl", c.external_id AS "externalCustomerId", c.name AS "customerName", c.time_zone AS "timeZone",
       d.channel = 'WEBHOOK' AND e.id IS NOT NULL AND e.deleted_at IS NULL AS "hasEndpoint",
       e.state = 'PAUSED' AS "isPaused", e.failing_since IS NOT NULL AS "isFailing", s.sealed
     FROM unnest($1::uuid[], $2::uuid[]) AS w (customer_id, id)
     JOIN alert_delivery d ON d.customer_id = w.customer_id AND d.id = w.id AND d.due_at <= $3
     JOIN customer c ON c.id = d.customer_id
     LEFT JOIN webhook_endpoint e ON e.customer_id = d.customer_id
       AND e.id = CASE d.channel WHEN 'WEBHOOK' THEN d.target::uuid ELSE d.endpoint_id END
     LEFT JOIN LATERAL (
       SELECT array_agg(s.sealed ORDER BY s.created_at DESC) AS sealed FROM webhook_secret s
       WHERE s.customer_id = d.customer_id AND s.endpoint_id = e.id AND (s.expires_at IS NULL OR s.expires_at > $3)
     ) s ON d.channel = 'WEBHOOK'`,
    [due.map((one) => one.customerId), due.map((one) => one.id), new Date(now)],
    "deliveries_to_send",
  );
  return new Map(
    rows.map(({ hasEndpoint, isPaused, isFailing, sealed, ...row }) => {
      const endpoint = { url: row.endpointUrl ?? "", isPaused, isFailing, sealedSecrets: sealed ?? [] };
      return [row.id, { ...row, endpoint: hasEndpoint ? endpoint : null }];
    }),
  );
}

/** An attempt that has begun: `number` counts a delivery's attempts, `attempt` those since it was queued or resumed. */
export type BegunAttempt = { number: number; attempt: number };

/**
 * Writes down that attempts begin, before anything leaves; by the delivery's id. Those that are not due any more are left
 * out. An attempt that was never answered is UNKNOWN from then on.
 */
export async function beginAttempts(
  sql: Sql,
  deliveries: readonly { customerId: string; id: string }[],
  now: EpochMs,
): Promise<Map<string, BegunAttempt>> {
  if (deliveries.length === 0) return new Map();
  const rows = await sql.query<BegunAttempt & { id: string }>(
    `WITH sending AS (
       UPDATE alert_delivery d SET state = 'SENDING', sent_at = $3, reason = NULL, attempts = d.attempts + 1
       FROM unnest($1::uuid[], $2::uuid[]) AS w (customer_id, id)
       WHERE d.customer_id = w.customer_id AND d.id = w.id AND d.due_at <= $3
       RETURNING d.customer_id, d.id, d.attempts
     ), unanswered AS (
       UPDATE alert_delivery_attempt a
       SET outcome = 'UNKNOWN', message = 'The process ended before the answer was written down.'
       FROM sending s WHERE a.customer_id = s.customer_id AND a.delivery_id = s.id AND a.outcome IS NULL
     ), begun AS (
       INSERT INTO alert_delivery_attempt (customer_id, delivery_id, number, sent_at)
       SELECT s.customer_id, s.id, 1 + coalesce((SELECT max(a.number) FROM alert_delivery_attempt a
         WHERE a.customer_id = s.customer_id AND a.delivery_id = s.id), 0), $3 FROM sending s
       RETURNING customer_id, delivery_id, number
     )
     SELECT s.id, b.number, s.attempts AS attempt FROM sending s
     JOIN begun b ON b.customer_id = s.customer_id AND b.delivery_id = s.id`,
    [deliveries.map((one) => one.customerId), deliveries.map((one) => one.id), new Date(now)],
    "begin_attempts",
  );
  return new Map(rows.map(({ id, number, attempt }) => [id, { number, attempt }]));
}

/** How an attempt ended, and what becomes of its delivery. */
export type EndedAttempt = BegunAttempt & {
  customerId: string;
  id: string;
  outcome: string;
  status: number | null;
  message: string;
  state: "SENT" | "QUEUED" | "UNCERTAIN" | "FAILED";
  reason: string | null;
  /** The next attempt; null for none. */
  dueAt: EpochMs | null;
  answeredAt: EpochMs;
};

const longestMessage = 500;
/** PostgreSQL keeps no NUL, and what an endpoint's machine says is not ours to choose. */
const keptText = (text: string): string => text.replaceAll("\0", "").slice(0, longestMessage);

const endedColumns: readonly Column<EndedAttempt>[] = [
  { plain: (one) => one.customerId },
  { plain: (one) => one.id },
  { plain: (one) => one.number },
  { plain: (one) => one.attempt },
  { plain: (one) => one.outcome },
  { plain: (one) => one.status },
  { text: (one) => keptText(one.message) },
  { plain: (one) => one.state },
  { text: (one) => (one.reason === null ? null : keptText(one.reason)) },
  { plain: (one) => (one.dueAt === null ? null : instantText(one.dueAt)) },
  { plain: (one) => instantText(one.answeredAt) },
];

const endAttemptsSql = {
  name: "end_attempts",
  text: `
    WITH ended AS (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::text[], $6::int[], $7::text[], $8::text[],
        $9::text[], $10::timestamptz[], $11::timestamptz[])
        AS e (customer_id, id, number, attempt, outcome, status, message, state, reason, due_at, answered_at)
    ), told AS (
      UPDATE alert_delivery d SET state = e.state, answered_at = e.answered_at, due_at = e.due_at,
        reason = coalesce(e.reason, d.reason)
      FROM ended e WHERE d.customer_id = e.customer_id AND d.id = e.id AND d.attempts = e.attempt
    )
    UPDATE alert_delivery_attempt a
    SET answered_at = e.answered_at, outcome = e.outcome, status = e.status, message = e.message
    FROM ended e WHERE a.customer_id = e.customer_id AND a.delivery_id = e.id AND a.number = e.number`,
};

/** Writes down what came of attempts, and what becomes of their deliveries. */
export async function endAttempts(sql: Sql, ended: readonly EndedAttempt[]): Promise<void> {
  await runColumns(sql, endAttemptsSql, ended, endedColumns);
}

/** Says why a delivery is not sent, now or at all, where that is still so. */
export async function leaveDelivery(
  sql: Sql,
  of: { customerId: string; id: string; state: "QUEUED" | "SKIPPED"; reason: string },
): Promise<void> {
  // Resumed a moment ago, it is due.
  await sql.query(
    `UPDATE alert_delivery d SET state = $3, due_at = NULL, attempts = 0, reason = $4
     WHERE d.customer_id = $1 AND d.id = $2 AND ($3 = 'SKIPPED' OR EXISTS (SELECT FROM webhook_endpoint e
       WHERE e.customer_id = d.customer_id AND e.id::text = d.target AND e.state = 'PAUSED'))`,
    [of.customerId, of.id, of.state, of.reason],
    "leave_delivery",
  );
}
