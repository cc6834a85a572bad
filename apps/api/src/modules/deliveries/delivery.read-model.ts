import type { AlertChannel } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { DeliveryAttemptType, DeliveryType } from "./delivery.types.ts";

/** Of all the alerts of one page together. */
const maxDeliveries = 5_000;
const maxAttempts = 50;

/** How alerts were told: the deliveries of each with their attempts, by the alert's id. */
export async function deliveriesOfAlerts(
  sql: Sql,
  customerId: string,
  alertIds: readonly string[],
): Promise<Map<string, DeliveryType[]>> {
  const rows = await sql.query<DeliveryRow>(
    `SELECT d.id, d.alert_id, d.channel, coalesce(e.url, d.target) AS target, d.state, d.reason, d.queued_at, d.due_at, d.sent_at,
       d.answered_at
     FROM alert_delivery d
     LEFT JOIN webhook_endpoint e ON e.customer_id = d.customer_id AND d.channel = 'WEBHOOK' AND e.id::text = d.target
     WHERE d.customer_id = $1 AND d.alert_id = ANY ($2::uuid[])
     ORDER BY d.queued_at, d.channel, d.target LIMIT ${maxDeliveries}`,
    [customerId, alertIds],
    "deliveries_of_alerts",
  );
  if (rows.length === 0) return new Map();
  const attempts = await sql.query<AttemptRow>(
    `SELECT delivery_id, number, sent_at, answered_at, outcome, status, message FROM (
       SELECT *, row_number() OVER (PARTITION BY delivery_id ORDER BY number DESC) AS place
       FROM alert_delivery_attempt WHERE customer_id = $1 AND delivery_id = ANY ($2::uuid[])
     ) latest WHERE place <= ${maxAttempts} ORDER BY delivery_id, number`,
    [customerId, rows.map((row) => row.id)],
    "attempts_of_deliveries",
  );
  const byDelivery = Map.groupBy(attempts, (attempt) => attempt.delivery_id);
  const told = new Map<string, DeliveryType[]>();
  for (const row of rows) {
    const delivery = mapDelivery(row, byDelivery.get(row.id) ?? []);
    const others = told.get(row.alert_id);
    if (others) others.push(delivery);
    else told.set(row.alert_id, [delivery]);
  }
  return told;
}

function mapDelivery(row: DeliveryRow, attempts: readonly AttemptRow[]): DeliveryType {
  return {
    id: row.id,
    channel: row.channel,
    target: row.target,
    state: row.state,
    reason: row.reason,
    queuedAt: row.queued_at,
    nextAttemptAt: row.due_at,
    sentAt: row.sent_at,
    answeredAt: row.answered_at,
    attempts: attempts.map(mapAttempt),
  };
}

function mapAttempt(row: AttemptRow): DeliveryAttemptType {
  const { number, outcome, status, message } = row;
  return { number, outcome, status, message, sentAt: row.sent_at, answeredAt: row.answered_at };
}

type DeliveryRow = {
  id: string;
  alert_id: string;
  channel: AlertChannel;
  target: string;
  state: DeliveryType["state"];
  reason: string | null;
  queued_at: Date;
  due_at: Date | null;
  sent_at: Date | null;
  answered_at: Date | null;
};

type AttemptRow = {
  delivery_id: string;
  number: number;
  sent_at: Date;
  answered_at: Date | null;
  outcome: DeliveryAttemptType["outcome"];
  status: number | null;
  message: string | null;
};
