import { randomUUID } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { type Column, columnStatement, instantText, runColumns } from "../usage/index.ts";
import type { Target } from "./delivery-targets.read-model.ts";

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

const newDeliveries = `SELECT d.*, d.sent_at FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[],
      $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::uuid[])
      AS d (customer_id, id, alert_id, channel, target, state, reason, queued_at, due_at, sent_at, kind, endpoint_id)`;

const insertInto = `INSERT INTO alert_delivery (customer_id, id, alert_id, channel, target, state, reason, queued_at, due_at,
      sent_at, kind, endpoint_id, answered_at)`;

const insertDeliveriesSql = {
  name: "insert_deliveries",
  text: `${insertInto} ${newDeliveries} ON CONFLICT (customer_id, alert_id, channel, target) DO NOTHING`,
};

/** Writes deliveries; a second one of the same alert to the same target is none. Answers their ids, in order. */
export async function insertDeliveries(sql: Sql, deliveries: readonly NewDelivery[]): Promise<string[]> {
  const rows = deliveries.map((delivery) => ({ ...delivery, id: randomUUID() }));
  await runColumns(sql, insertDeliveriesSql, rows, deliveryColumns);
  return rows.map((row) => row.id);
}

/** Alerts are locked in the order of their keys, so that two processes wait for one another and never for each other. */
const queueAlertsSql = `
  WITH mine AS (
    SELECT a.customer_id, a.id FROM unnest($13::uuid[], $14::uuid[]) AS w (customer_id, id)
    JOIN alert a ON a.customer_id = w.customer_id AND a.id = w.id AND a.queued_at IS NULL
    ORDER BY a.customer_id, a.id FOR UPDATE OF a
  ), claimed AS (
    UPDATE alert SET queued_at = $15 FROM mine
    WHERE alert.customer_id = mine.customer_id AND alert.id = mine.id AND alert.queued_at IS NULL
    RETURNING alert.customer_id, alert.id
  )
  ${insertInto} ${newDeliveries} JOIN claimed c ON c.customer_id = d.customer_id AND c.id = d.alert_id
  ON CONFLICT (customer_id, alert_id, channel, target) DO NOTHING`;

/** Says that alerts have been queued, and writes the deliveries of those of which nobody else has said it before. */
export async function queueAlerts(
  sql: Sql,
  of: { alerts: readonly { customerId: string; id: string }[]; deliveries: readonly NewDelivery[]; now: EpochMs },
): Promise<void> {
  const rows = of.deliveries.map((delivery) => ({ ...delivery, id: randomUUID() }));
  const { values } = columnStatement(insertDeliveriesSql, rows, deliveryColumns);
  const own = [of.alerts.map((alert) => alert.customerId), of.alerts.map((alert) => alert.id), new Date(of.now)];
  await sql.query(queueAlertsSql, [...values, ...own], "queue_alerts");
}
