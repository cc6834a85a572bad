import { randomUUID } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type Column, instantText, runColumns } from "../usage/index.ts";
import type { Target } from "./delivery-targets.read-model.ts";

/** A delivery that is about to be sent. */
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
};

export async function deliveryToSend(sql: Sql, id: string): Promise<DeliveryToSend | null> {
  const [row] = await sql.query<DeliveryToSend>(
    `SELECT d.customer_id AS "customerId", d.id, d.alert_id AS "alertId", d.kind, d.channel, d.target,
       e.url AS "endpointUrl", c.external_id AS "externalCustomerId", c.name AS "customerName", c.time_zone AS "timeZone"
     FROM alert_delivery d JOIN customer c ON c.id = d.customer_id
     LEFT JOIN webhook_endpoint e ON e.customer_id = d.customer_id AND e.id = d.endpoint_id
     WHERE d.id::text = $1`,
    [id],
    "delivery_to_send",
  );
  return row ?? null;
}

/** Writes down that an attempt begins, before anything leaves. One that was never answered is UNKNOWN from then on. */
export async function beginAttempt(
  sql: Sql,
  { customerId, id }: { customerId: string; id: string },
  now: EpochMs,
): Promise<number> {
  const [row] = await sql.query<{ number: number }>(
    `WITH unanswered AS (
       UPDATE alert_delivery_attempt
       SET outcome = 'UNKNOWN', message = 'The process ended before the answer was written down.'
       WHERE customer_id = $1 AND delivery_id = $2 AND outcome IS NULL
     ), sending AS (
       UPDATE alert_delivery SET state = 'SENDING', sent_at = $3, reason = NULL WHERE customer_id = $1 AND id = $2
     )
     INSERT INTO alert_delivery_attempt (customer_id, delivery_id, number, sent_at)
     SELECT $1, $2, coalesce(max(number), 0) + 1, $3 FROM alert_delivery_attempt WHERE customer_id = $1 AND delivery_id = $2
     RETURNING number`,
    [customerId, id, new Date(now)],
    "begin_attempt",
  );
  return row?.number ?? 1;
}

/** Writes down what came of an attempt. What is not the end of it is QUEUED again, or UNCERTAIN where it may have arrived. */
export async function endAttempt(
  sql: Sql,
  of: {
    delivery: { customerId: string; id: string };
    number: number;
    now: EpochMs;
    outcome: string;
    status: number | null;
    message: string;
    mayHaveArrived: boolean;
  },
): Promise<void> {
  const { customerId, id } = of.delivery;
  const state = of.outcome === "ACCEPTED" ? "SENT" : of.mayHaveArrived ? "UNCERTAIN" : "QUEUED";
  await sql.query(
    `WITH told AS (
       UPDATE alert_delivery SET state = $8, answered_at = $4 WHERE customer_id = $1 AND id = $2
     )
     UPDATE alert_delivery_attempt SET answered_at = $4, outcome = $5, status = $6, message = $7
     WHERE customer_id = $1 AND delivery_id = $2 AND number = $3`,
    [customerId, id, of.number, new Date(of.now), of.outcome, of.status, of.message.slice(0, 500), state],
    "end_attempt",
  );
}

/** How a new delivery begins. `dueAt` is when it is tried first; null where it is not to be sent (now). */
export type DeliveryPlan = {
  state: "QUEUED" | "SENT" | "SKIPPED";
  dueAt: EpochMs | null;
  reason: string | null;
  now: EpochMs;
};

/** A delivery that is to be written. */
export type NewDelivery = DeliveryPlan & {
  customerId: string;
  alertId: string | null;
  target: Pick<Target, "channel" | "target">;
  kind?: "ALERT" | "TEST" | "ENDPOINT_PAUSED";
  endpointId?: string | null;
};

const deliveryColumns: readonly Column<NewDelivery & { id: string }>[] = [
  { plain: (one) => one.customerId },
  { plain: (one) => one.id },
  { plain: (one) => one.alertId },
  { plain: (one) => one.target.channel },
  { text: (one) => one.target.target },
  { plain: (one) => one.state },
  { text: (one) => one.reason },
  { plain: (one) => instantText(one.now) },
  { plain: (one) => (one.dueAt === null ? null : instantText(one.dueAt)) },
  { plain: (one) => (one.state === "SENT" ? instantText(one.now) : null) },
  { plain: (one) => one.kind ?? "ALERT" },
  { plain: (one) => one.endpointId ?? null },
];

const insertDeliveriesSql = {
  name: "insert_deliveries",
  text: `
    INSERT INTO alert_delivery (customer_id, id, alert_id, channel, target, state, reason, queued_at, due_at, sent_at,
      kind, endpoint_id, answered_at)
    SELECT d.*, d.sent_at FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
      $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::uuid[])
      AS d (customer_id, id, alert_id, channel, target, state, reason, queued_at, due_at, sent_at, kind, endpoint_id)
    ON CONFLICT (customer_id, alert_id, channel, target) DO NOTHING`,
};

/** Writes deliveries; a second one of the same alert to the same target is none. Answers their ids, in order. */
export async function insertDeliveries(sql: Sql, deliveries: readonly NewDelivery[]): Promise<string[]> {
  const rows = deliveries.map((delivery) => ({ ...delivery, id: randomUUID() }));
  await runColumns(sql, insertDeliveriesSql, rows, deliveryColumns);
  return rows.map((row) => row.id);
}
