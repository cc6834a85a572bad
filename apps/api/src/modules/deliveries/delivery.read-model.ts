import type { AlertChannel } from "@meterline/billing-domain";
import { isUuid, type Sql } from "../../platform/database/index.ts";
import { badUserInput, decodeCursor, type PageInfo, parseInstant, toPage } from "../../platform/graphql/index.ts";
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
    `${selectDelivery}
     WHERE d.customer_id = $1 AND d.alert_id = ANY ($2::uuid[])
     ORDER BY d.queued_at, d.channel, d.target LIMIT ${maxDeliveries}`,
    [customerId, alertIds],
    "deliveries_of_alerts",
  );
  if (rows.length === 0) return new Map();
  const byDelivery = await attemptsOf(sql, customerId, rows);
  const told = new Map<string, DeliveryType[]>();
  for (const row of rows) {
    if (row.alert_id === null) continue;
    const delivery = mapDelivery(row, byDelivery.get(row.id) ?? []);
    const others = told.get(row.alert_id);
    if (others) others.push(delivery);
    else told.set(row.alert_id, [delivery]);
  }
  return told;
}

const selectDelivery = `SELECT d.id, d.customer_id, d.alert_id, d.kind, d.channel, coalesce(e.url, d.target) AS target, d.state, d.reason,
    d.queued_at, d.due_at, d.sent_at, d.answered_at
  FROM alert_delivery d
  LEFT JOIN webhook_endpoint e ON e.customer_id = d.customer_id AND d.channel = 'WEBHOOK' AND e.id::text = d.target`;

/** A page of everything that was sent or is to be, latest first. */
export async function deliveryPage(
  sql: Sql,
  query: {
    customerId: string;
    channel: AlertChannel | null;
    endpointId: string | null;
    first: number;
    after: string | null;
  },
): Promise<{ nodes: DeliveryType[]; pageInfo: PageInfo }> {
  const [queuedAt, id] = query.after === null ? [] : decodeCursor(query.after, 2);
  const after = queuedAt === undefined || id === undefined ? null : { at: parseInstant(queuedAt, "after"), id };
  if (after !== null && !isUuid(after.id)) throw badUserInput("after is not a cursor of this list.", "after");
  const rows = await sql.query<DeliveryRow>(
    `${selectDelivery}
     WHERE d.customer_id = $1 AND ($2::text IS NULL OR d.channel = $2) AND ($3::text IS NULL OR d.target = $3)
       AND ($4::timestamptz IS NULL OR (d.queued_at, d.id) < ($4, $5::uuid))
     ORDER BY d.queued_at DESC, d.id DESC LIMIT $6`,
    [
      query.customerId,
      query.channel,
      query.endpointId,
      after === null ? null : new Date(after.at),
      after?.id ?? null,
      query.first + 1,
    ],
    "delivery_page",
  );
  const byDelivery = await attemptsOf(sql, query.customerId, rows);
  const page = toPage(rows, query.first, (row) => [row.queued_at.toISOString(), row.id]);
  return { ...page, nodes: page.nodes.map((row) => mapDelivery(row, byDelivery.get(row.id) ?? [])) };
}

/** One delivery, or null. */
export async function deliveryById(sql: Sql, customerId: string, id: string): Promise<DeliveryType | null> {
  const [row] = await sql.query<DeliveryRow>(`${selectDelivery} WHERE d.customer_id = $1 AND d.id = $2`, [
    customerId,
    id,
  ]);
  return row === undefined ? null : mapDelivery(row, (await attemptsOf(sql, customerId, [row])).get(row.id) ?? []);
}

async function attemptsOf(
  sql: Sql,
  customerId: string,
  rows: readonly DeliveryRow[],
): Promise<Map<string, AttemptRow[]>> {
  const attempts = await sql.query<AttemptRow>(
    `SELECT delivery_id, number, sent_at, answered_at, outcome, status, message FROM (
       SELECT *, row_number() OVER (PARTITION BY delivery_id ORDER BY number DESC) AS place
       FROM alert_delivery_attempt WHERE customer_id = $1 AND delivery_id = ANY ($2::uuid[])
     ) latest WHERE place <= ${maxAttempts} ORDER BY delivery_id, number`,
    [customerId, rows.map((row) => row.id)],
    "attempts_of_deliveries",
  );
  return Map.groupBy(attempts, (attempt) => attempt.delivery_id);
}

function mapDelivery(row: DeliveryRow, attempts: readonly AttemptRow[]): DeliveryType {
  return {
    id: row.id,
    customerId: row.customer_id,
    alertId: row.alert_id,
    kind: row.kind,
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
  customer_id: string;
  alert_id: string | null;
  kind: DeliveryType["kind"];
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
