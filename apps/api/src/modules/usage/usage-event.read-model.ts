import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import {
  findUsageEvents,
  mapUsageEventRow,
  type UsageEventRecord,
  type UsageEventRow,
  usageEventColumns,
} from "./usage-event.record.ts";
import { instantText } from "./usage-state.columns.ts";
import { usageEventId } from "./event-id.ts";

/** Which events of a customer; `from` inclusive, `to` exclusive, by event time. */
export type UsageEventFilter = {
  customerId: string;
  meterIds: readonly string[];
  from: EpochMs | null;
  to: EpochMs | null;
  idempotencyKey: string | null;
};

/** A place in the list: after this event, going back in time. */
export type UsageEventCursor = { occurredAt: string; id: string };

/**
 * Events, latest first: at most `limit`, after the cursor. Each meter is read along its own index, so that a page
 * costs the same at any depth and at any number of events.
 */
export async function listUsageEvents(
  sql: Sql,
  filter: UsageEventFilter,
  after: UsageEventCursor | null,
  limit: number,
): Promise<UsageEventRecord[]> {
  if (filter.idempotencyKey !== null) return byKey(sql, filter, filter.idempotencyKey, after);
  const rows = await sql.query<UsageEventRow>(
    `SELECT ${usageEventColumns}
     FROM unnest($2::uuid[]) AS m (id)
     CROSS JOIN LATERAL (
       SELECT * FROM usage_event e
       WHERE e.customer_id = $1 AND e.meter_id = m.id
         AND ($3::timestamptz IS NULL OR e.occurred_at >= $3) AND ($4::timestamptz IS NULL OR e.occurred_at < $4)
         AND ($5::timestamptz IS NULL OR (e.occurred_at, e.id) < ($5, $6::uuid))
       ORDER BY e.occurred_at DESC, e.id DESC LIMIT $7
     ) e
     ORDER BY e.occurred_at DESC, e.id DESC LIMIT $7`,
    [
      filter.customerId,
      filter.meterIds,
      filter.from === null ? null : instantText(filter.from),
      filter.to === null ? null : instantText(filter.to),
      after?.occurredAt ?? null,
      after?.id ?? null,
      limit,
    ],
  );
  return rows.map(mapUsageEventRow);
}

async function byKey(
  sql: Sql,
  filter: UsageEventFilter,
  idempotencyKey: string,
  after: UsageEventCursor | null,
): Promise<UsageEventRecord[]> {
  if (after !== null) return [];
  const id = usageEventId(filter.customerId, idempotencyKey);
  const found = await findUsageEvents(sql, [{ customerId: filter.customerId, id }]);
  return found.filter((event) => {
    const occurredAt = event.occurredAt.getTime();
    return (
      filter.meterIds.includes(event.meterId) &&
      (filter.from === null || occurredAt >= filter.from) &&
      (filter.to === null || occurredAt < filter.to)
    );
  });
}
