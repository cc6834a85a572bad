import { randomUUID } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
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
};

export async function deliveryToSend(sql: Sql, id: string): Promise<DeliveryToSend | null> {
  const [row] = await sql.query<DeliveryToSend>(
    `SELECT d.customer_id AS "customerId", d.id, d.alert_id AS "alertId", d.kind, d.channel, d.target,
       e.url AS "endpointUrl"
     FROM alert_delivery d
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
  const at = new Date(now);
  await sql.query(
    `UPDATE alert_delivery_attempt SET outcome = 'UNKNOWN', message = 'The process ended before the answer was written down.'
     WHERE customer_id = $1 AND delivery_id = $2 AND outcome IS NULL`,
    [customerId, id],
  );
  const [row] = await sql.query<{ number: number }>(
    `INSERT INTO alert_delivery_attempt (customer_id, delivery_id, number, sent_at)
     SELECT $1, $2, coalesce(max(number), 0) + 1, $3 FROM alert_delivery_attempt WHERE customer_id = $1 AND delivery_id = $2
     RETURNING number`,
    [customerId, id, at],
  );
  await sql.query(
    "UPDATE alert_delivery SET state = 'SENDING', sent_at = $3, reason = NULL WHERE customer_id = $1 AND id = $2",
    [customerId, id, at],
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
  const at = new Date(of.now);
  await sql.query(
    `UPDATE alert_delivery_attempt SET answered_at = $4, outcome = $5, status = $6, message = $7
     WHERE customer_id = $1 AND delivery_id = $2 AND number = $3`,
    [customerId, id, of.number, at, of.outcome, of.status, of.message.slice(0, 500)],
  );
  const state = of.outcome === "ACCEPTED" ? "SENT" : of.mayHaveArrived ? "UNCERTAIN" : "QUEUED";
  await sql.query("UPDATE alert_delivery SET state = $3, answered_at = $4 WHERE customer_id = $1 AND id = $2", [
    customerId,
    id,
    state,
    at,
  ]);
}

/** How a new delivery begins. `dueAt` is when it is tried first; null where it is not to be sent (now). */
export type DeliveryPlan = {
  state: "QUEUED" | "SENT" | "SKIPPED";
  dueAt: EpochMs | null;
  reason: string | null;
  now: EpochMs;
};

/** Writes one delivery; a second one of the same alert to the same target is none. */
export async function insertDelivery(
  sql: Sql,
  of: DeliveryPlan & {
    customerId: string;
    alertId: string | null;
    target: Pick<Target, "channel" | "target">;
    kind?: "ALERT" | "TEST" | "ENDPOINT_PAUSED";
    endpointId?: string | null;
  },
): Promise<string> {
  const id = randomUUID();
  const at = new Date(of.now);
  const isTold = of.state === "SENT";
  await sql.query(
    `INSERT INTO alert_delivery (customer_id, id, alert_id, channel, target, state, reason, queued_at, due_at, sent_at,
       answered_at, kind, endpoint_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12)
     ON CONFLICT (customer_id, alert_id, channel, target) DO NOTHING`,
    [
      of.customerId,
      id,
      of.alertId,
      of.target.channel,
      of.target.target,
      of.state,
      of.reason,
      at,
      of.dueAt === null ? null : new Date(of.dueAt),
      isTold ? at : null,
      of.kind ?? "ALERT",
      of.endpointId ?? null,
    ],
  );
  return id;
}
