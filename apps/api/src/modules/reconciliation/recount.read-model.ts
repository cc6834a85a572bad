import {
  type CountedEvent,
  type Decimal,
  decimal,
  type EpochMs,
  emptyUsageState,
  measure,
  stateOfEvents,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { MeterRow } from "../catalog/index.ts";
import { instantText } from "../usage/index.ts";

/** Levels are put together event by event; a meter with more of them in one period is left out of a recount. */
const maxLevels = 200_000;

// The same events that every derived row is made of: usage that counts and was not taken back.
const standing = `e.kind = 'USAGE' AND e.counted
  AND NOT EXISTS (SELECT FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id)`;

/** What to count anew. A level counts up to `now`. */
export type RecountRequest = { customerId: string; window: Window; meters: readonly MeterRow[]; now: EpochMs };

/**
 * What each meter comes to by its events alone, none of what is derived from them; by meter id. Its cost grows with the
 * period's events. A meter without events is left out, and so is a level with too many of them.
 */
export async function recountEvents(sql: Sql, of: RecountRequest): Promise<Map<string, Decimal>> {
  const counted = new Map<string, Decimal>();
  const added = of.meters.filter((meter) => meter.definition.aggregation !== "WEIGHTED_SUM");
  const rows = await sql.query<Row>(
    `SELECT e.meter_id, count(*) AS event_count, sum(e.quantity) AS quantity_sum, max(e.quantity) AS quantity_max,
       (array_agg(e.quantity ORDER BY e.occurred_at DESC, e.received_at DESC, e.quantity DESC))[1] AS latest,
       count(DISTINCT e.unique_value) AS unique_count
     FROM usage_event e
     WHERE e.customer_id = $1 AND e.meter_id = ANY ($2::uuid[]) AND e.occurred_at >= $3 AND e.occurred_at < $4 AND ${standing}
     GROUP BY e.meter_id`,
    [of.customerId, added.map((meter) => meter.id), instantText(of.window.startAt), instantText(of.window.endAt)],
  );
  for (const row of rows) {
    const meter = added.find((one) => one.id === row.meter_id);
    if (meter !== undefined) counted.set(meter.id, measured(meter, row, of.window));
  }
  for (const meter of of.meters) {
    if (meter.definition.aggregation !== "WEIGHTED_SUM") continue;
    const quantity = await recountLevels(sql, of, meter);
    if (quantity !== null) counted.set(meter.id, quantity);
  }
  return counted;
}

function measured(meter: MeterRow, row: Row, window: Window): Decimal {
  const state = {
    ...emptyUsageState(),
    eventCount: BigInt(row.event_count),
    quantitySum: decimal(row.quantity_sum),
    quantityMax: decimal(row.quantity_max),
    latest: { quantity: decimal(row.latest), occurredAt: window.startAt, receivedAt: window.startAt },
  };
  const context = { window, levelBefore: null, uniqueCount: BigInt(row.unique_count) };
  return measure(meter.definition.aggregation, state, context) ?? ZERO;
}

async function recountLevels(sql: Sql, of: RecountRequest, meter: MeterRow): Promise<Decimal | null> {
  const endAt = Math.max(of.window.startAt, Math.min(of.window.endAt, of.now));
  const window = { startAt: of.window.startAt, endAt };
  const rows = await sql.query<LevelRow>(
    `SELECT e.quantity, e.occurred_at, e.received_at FROM usage_event e
     WHERE e.customer_id = $1 AND e.meter_id = $2 AND e.occurred_at >= $3 AND e.occurred_at < $4 AND ${standing}
     LIMIT ${maxLevels + 1}`,
    [of.customerId, meter.id, instantText(window.startAt), instantText(window.endAt)],
  );
  if (rows.length > maxLevels) return null;
  const levelBefore = meter.definition.carryOver ? await levelAt(sql, of.customerId, meter.id, window.startAt) : null;
  if (rows.length === 0 && levelBefore === null) return null;
  return measure("WEIGHTED_SUM", stateOfEvents(rows.map(levelOf)), { window, levelBefore }) ?? ZERO;
}

/** The level in force just before an instant. */
async function levelAt(sql: Sql, customerId: string, meterId: string, at: EpochMs): Promise<Decimal | null> {
  const [row] = await sql.query<{ quantity: string }>(
    `SELECT e.quantity FROM usage_event e
     WHERE e.customer_id = $1 AND e.meter_id = $2 AND e.occurred_at < $3 AND ${standing}
     ORDER BY e.occurred_at DESC, e.received_at DESC, e.quantity DESC LIMIT 1`,
    [customerId, meterId, instantText(at)],
  );
  return row === undefined ? null : decimal(row.quantity);
}

function levelOf(row: LevelRow): CountedEvent {
  return {
    quantity: decimal(row.quantity),
    occurredAt: row.occurred_at.getTime(),
    receivedAt: row.received_at.getTime(),
  };
}

type Row = {
  meter_id: string;
  event_count: string;
  quantity_sum: string;
  quantity_max: string;
  latest: string;
  unique_count: string;
};
type LevelRow = { quantity: string; occurred_at: Date; received_at: Date };
