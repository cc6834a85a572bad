import type { Sql } from "../../platform/database/index.ts";
import type { NewUsageEvent } from "./new-usage-event.ts";

/** A usage event as it is shown and compared: what the row says, in the words of the API. */
export type UsageEventRecord = {
  id: string;
  kind: "USAGE" | "VOID";
  customerId: string;
  meterId: string;
  quantity: string;
  occurredAt: Date;
  receivedAt: Date;
  idempotencyKey: string;
  contentHash: string;
  properties: Readonly<Record<string, unknown>>;
  uniqueValue: string | null;
  dimensionKey: string | null;
  counted: boolean;
  historical: boolean;
  voidsEventId: string | null;
  voidedByEventId: string | null;
  reason: string | null;
};

/** The columns of a {@link UsageEventRow}, for a query over `usage_event e`. */
export const usageEventColumns = `e.id, e.kind, e.customer_id, e.meter_id, e.quantity, e.occurred_at, e.received_at,
  e.idempotency_key, e.content_hash, e.properties, e.unique_value, e.dimension_key, e.counted, e.historical,
  e.voids_event_id, e.reason,
  (SELECT v.id FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id) AS voided_by_event_id`;

/** A row as `pg` answers it. */
export type UsageEventRow = {
  id: string;
  kind: "USAGE" | "VOID";
  customer_id: string;
  meter_id: string;
  quantity: string;
  occurred_at: Date;
  received_at: Date;
  idempotency_key: string;
  content_hash: string;
  properties: Record<string, unknown> | null;
  unique_value: string | null;
  dimension_key: string | null;
  counted: boolean;
  historical: boolean;
  voids_event_id: string | null;
  voided_by_event_id: string | null;
  reason: string | null;
};

export function mapUsageEventRow(row: UsageEventRow): UsageEventRecord {
  return {
    id: row.id,
    kind: row.kind,
    customerId: row.customer_id,
    meterId: row.meter_id,
    quantity: row.quantity,
    occurredAt: row.occurred_at,
    receivedAt: row.received_at,
    idempotencyKey: row.idempotency_key,
    contentHash: row.content_hash,
    properties: row.properties ?? {},
    uniqueValue: row.unique_value,
    dimensionKey: row.dimension_key,
    counted: row.counted,
    historical: row.historical,
    voidsEventId: row.voids_event_id,
    voidedByEventId: row.voided_by_event_id,
    reason: row.reason,
  };
}

/** What a new event's row says, without reading it back. */
export function recordOfNewEvent(event: NewUsageEvent): UsageEventRecord {
  return {
    id: event.id,
    kind: "USAGE",
    customerId: event.customerId,
    meterId: event.meterId,
    quantity: event.quantityText,
    occurredAt: new Date(event.occurredAt),
    receivedAt: new Date(event.receivedAt),
    idempotencyKey: event.idempotencyKey,
    contentHash: event.contentHash,
    properties: event.properties ?? {},
    uniqueValue: event.uniqueValue,
    dimensionKey: event.dimensionKey,
    counted: event.counted,
    historical: event.historical,
    voidsEventId: null,
    voidedByEventId: null,
    reason: null,
  };
}

/** Events by customer and id, in no order; what is not there is left out. */
export async function findUsageEvents(
  sql: Sql,
  wanted: ReadonlyArray<{ customerId: string; id: string }>,
): Promise<UsageEventRecord[]> {
  if (wanted.length === 0) return [];
  const rows = await sql.query<UsageEventRow>(
    `SELECT ${usageEventColumns}
     FROM unnest($1::uuid[], $2::uuid[]) AS w (customer_id, id)
     JOIN usage_event e ON e.customer_id = w.customer_id AND e.id = w.id`,
    [wanted.map((one) => one.customerId), wanted.map((one) => one.id)],
    "find_usage_events",
  );
  return rows.map(mapUsageEventRow);
}
