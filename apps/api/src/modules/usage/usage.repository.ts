import { instantOfText, type Sql, type TextRow } from "../../platform/database/index.ts";
import { type Column, columnStatement, type ReadyStatement, runColumns } from "./array-columns.ts";
import type { NewUsageEvent, PeriodStanding } from "./new-usage-event.ts";
import { periodDeltas, rollupDeltas, uniqueValueDeltas, type UsageDelta, windowsToRecount } from "./usage-deltas.ts";
import { recountWindows } from "./usage-recompute.repository.ts";
import type { UsageEventRecord } from "./usage-event.record.ts";
import { instantText, type UsageStateColumns, usageStateColumns } from "./usage-state.columns.ts";
import {
  insertNewUsageEvents,
  insertUsageEvents,
  mergePeriodTotals,
  mergeRollups,
  mergeUniqueValues,
} from "./usage-write.sql.ts";

const eventColumns: readonly Column<NewUsageEvent>[] = [
  { plain: (event) => event.customerId },
  { plain: (event) => event.id },
  { plain: (event) => event.meterId },
  { plain: (event) => event.quantityText },
  { plain: (event) => instantText(event.occurredAt) },
  { plain: (event) => instantText(event.receivedAt) },
  { text: (event) => event.idempotencyKey },
  { plain: (event) => event.contentHash },
  { text: (event) => (event.properties === null ? null : JSON.stringify(event.properties)) },
  { text: (event) => event.uniqueValue },
  { text: (event) => event.dimensionKey },
  { plain: (event) => event.counted },
  { plain: (event) => event.historical },
  { plain: (event) => event.billingVersion },
];

/**
 * Appends events and answers the ids of those that were new. Left out are keys that exist already, and events whose
 * customer's billing version has moved on. Two events of one call may not share an id.
 */
export async function insertEvents(sql: Sql, events: readonly NewUsageEvent[]): Promise<Set<string>> {
  const inserted = await runColumns<NewUsageEvent, { id: string }>(
    sql,
    insertUsageEvents,
    inKeyOrder(events),
    eventColumns,
  );
  return new Set(inserted.map((row) => row.id));
}

/** The statement that appends events if every one of them is new and placed by its customer's present periods. */
export function insertNewEvents(events: readonly NewUsageEvent[]): ReadyStatement {
  return columnStatement(insertNewUsageEvents, inKeyOrder(events), eventColumns);
}

/** Rows are locked in the order in which they are sent, and it must be the same in every group. */
function inKeyOrder(events: readonly NewUsageEvent[]): NewUsageEvent[] {
  return events.toSorted((left, right) =>
    left.customerId === right.customerId ? (left.id < right.id ? -1 : 1) : left.customerId < right.customerId ? -1 : 1,
  );
}

/** Recounts what does not add up: the windows of levels, a customer at a time. Under the exclusive lock. */
export async function recountLevels(sql: Sql, events: readonly NewUsageEvent[]): Promise<void> {
  const windows = Map.groupBy(windowsToRecount(events), (window) => window.customerId);
  for (const [customerId, own] of windows) await recountWindows(sql, customerId, own);
}

/**
 * The statements that add new events to rollups and period totals, and how to read from their answers where each touched
 * meter now stands in its period. They are made before anything is sent, so that a fault of ours cannot leave events
 * without totals. `newValues` is what {@link addUniqueValues} answered.
 */
export function totalsStatements(
  events: readonly NewUsageEvent[],
  newValues: ReadonlyMap<string, number>,
): { statements: ReadyStatement[]; standingsOf: (answers: readonly TextRow[][]) => PeriodStanding[] } {
  const rollups = rollupDeltas(events).map(stateRow);
  const totals = periodDeltas(events).map(stateRow);
  const statements: ReadyStatement[] = [];
  if (rollups.length > 0) statements.push(columnStatement(mergeRollups, rollups, stateColumns));
  if (totals.length > 0) {
    const columns = [
      ...stateColumns,
      { plain: ({ delta }: StateRow) => instantText(delta.event.period.endAt) },
      {
        plain: ({ delta }: StateRow) => newValues.get(spanKey(delta.event, delta.spanStartAt, delta.dimensionKey)) ?? 0,
      },
    ];
    statements.push(columnStatement(mergePeriodTotals, totals, columns));
  }
  return {
    statements,
    standingsOf: (answers) => {
      const rows = totals.length === 0 ? [] : (answers.at(-1) ?? []);
      return rows.map(periodStandingOf).filter((standing) => standing !== null);
    },
  };
}

type StateRow = { delta: UsageDelta; state: UsageStateColumns };

function stateRow(delta: UsageDelta): StateRow {
  return { delta, state: usageStateColumns(delta.event.meter.aggregation, delta.state) };
}

const stateColumns: readonly Column<StateRow>[] = [
  { plain: ({ delta }: StateRow) => delta.event.customerId },
  { plain: ({ delta }: StateRow) => delta.event.meterId },
  { plain: ({ delta }: StateRow) => instantText(delta.spanStartAt) },
  { text: ({ delta }: StateRow) => delta.dimensionKey },
  { plain: ({ state }: StateRow) => state.eventCount },
  { plain: ({ state }: StateRow) => state.quantitySum },
  { plain: ({ state }: StateRow) => state.quantityMax },
  { plain: ({ state }: StateRow) => state.latestQuantity },
  { plain: ({ state }: StateRow) => state.latestOccurredAt },
  { plain: ({ state }: StateRow) => state.latestReceivedAt },
];

/** Counts the distinct values; answers how many are new in each period and combination. */
export async function addUniqueValues(sql: Sql, events: readonly NewUsageEvent[]): Promise<Map<string, number>> {
  const deltas = uniqueValueDeltas(events);
  const counts = await runColumns<(typeof deltas)[number], UniqueValueRow>(sql, mergeUniqueValues, deltas, [
    { plain: (delta) => delta.event.customerId },
    { plain: (delta) => delta.event.meterId },
    { plain: (delta) => delta.span },
    { plain: (delta) => instantText(delta.spanStartAt) },
    { text: (delta) => delta.dimensionKey },
    { text: (delta) => delta.value },
    { plain: (delta) => delta.eventCount },
  ]);
  const added = new Map(
    deltas.map((delta) => [
      `${delta.span} ${spanKey(delta.event, delta.spanStartAt, delta.dimensionKey)} ${delta.value}`,
      delta.eventCount,
    ]),
  );
  const newValues = new Map<string, number>();
  for (const row of counts) {
    if (row.span !== "P") continue;
    const key = spanKey(
      { customerId: row.customer_id, meterId: row.meter_id },
      row.span_start.getTime(),
      row.dimension_key,
    );
    if (BigInt(row.event_count) !== BigInt(added.get(`P ${key} ${row.value}`) ?? -1)) continue;
    newValues.set(key, (newValues.get(key) ?? 0) + 1);
  }
  return newValues;
}

function spanKey(of: { customerId: string; meterId: string }, spanStartAt: number, dimensionKey: string): string {
  return `${of.customerId} ${of.meterId} ${spanStartAt} ${dimensionKey}`;
}

type UniqueValueRow = {
  customer_id: string;
  meter_id: string;
  span: string;
  span_start: Date;
  dimension_key: string;
  value: string;
  event_count: string;
};

/** Reads a row that `merge_period_totals` answered; null for one of a combination. */
function periodStandingOf(row: TextRow): PeriodStanding | null {
  const [customerId, meterId, periodStart, dimensionKey, eventCount, quantitySum, quantityMax, latestQuantity, unique] =
    row;
  if (dimensionKey !== "" || !customerId || !meterId || !periodStart || !eventCount || !quantitySum || !unique)
    return null;
  return {
    customerId,
    meterId,
    periodStartAt: instantOfText(periodStart),
    eventCount,
    quantitySum,
    quantityMax: quantityMax ?? null,
    latestQuantity: latestQuantity ?? null,
    uniqueCount: unique,
  };
}

/** Appends a void. The unique index on the event it takes back lets one through, for ever. */
export async function insertVoid(sql: Sql, event: UsageEventRecord): Promise<void> {
  await sql.query(
    `INSERT INTO usage_event (customer_id, id, meter_id, kind, quantity, occurred_at, received_at, idempotency_key,
       content_hash, unique_value, dimension_key, counted, historical, voids_event_id, reason)
     VALUES ($1, $2, $3, 'VOID', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      event.customerId,
      event.id,
      event.meterId,
      event.quantity,
      event.occurredAt,
      event.receivedAt,
      event.idempotencyKey,
      event.contentHash,
      event.uniqueValue,
      event.dimensionKey,
      event.counted,
      event.historical,
      event.voidsEventId,
      event.reason,
    ],
  );
}
