import {
  type Decimal,
  type DimensionUsage,
  decimal,
  type EpochMs,
  emptyUsageState,
  type MeterUsage,
  measure,
  ONE,
  type RatedEvent,
  type UsageState,
  type Window,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { MeterRow } from "../catalog/index.ts";
import { instantText, measureLevels, meterPeriodTotals, type PeriodTotal, periodTotals } from "../usage/index.ts";

/** Whose usage, of which billing period, as it stands at `now`. */
export type PeriodUsageRequest = { customerId: string; window: Window; meters: readonly MeterRow[]; now: EpochMs };

/** What a customer used of every meter over a billing period, by meter key; meters without usage are absent. */
export async function periodUsage(sql: Sql, request: PeriodUsageRequest): Promise<Map<string, MeterUsage>> {
  const { customerId, window, meters } = request;
  // A level that is in force counts up to now; what is ahead is a forecast, not consumption.
  const elapsed = { startAt: window.startAt, endAt: Math.max(window.startAt, Math.min(window.endAt, request.now)) };
  const totals = Map.groupBy(await periodTotals(sql, customerId, window.startAt), (total) => total.meterId);
  const usages = new Map<string, MeterUsage>();
  for (const meter of meters) {
    const usage =
      meter.definition.aggregation === "WEIGHTED_SUM"
        ? await levelUsage(sql, customerId, meter, elapsed)
        : totalUsage(meter, totals.get(meter.id) ?? [], window);
    if (usage !== null) usages.set(meter.definition.key, usage);
  }
  return usages;
}

/** A level counts also in a period in which nothing was sent, where the meter carries over. */
async function levelUsage(sql: Sql, customerId: string, meter: MeterRow, window: Window): Promise<MeterUsage | null> {
  const { quantity, eventCount } = await measureLevels(sql, customerId, meter, window);
  if (eventCount === 0n && (quantity === null || quantity.eq(ZERO))) return null;
  return { quantity, eventCount };
}

function totalUsage(meter: MeterRow, totals: readonly PeriodTotal[], window: Window): MeterUsage | null {
  const whole = totals.find((total) => total.dimensionKey === "");
  if (whole === undefined) return null;
  const { aggregation, groupBy } = meter.definition;
  const measured = (total: PeriodTotal) =>
    measure(aggregation, stateOf(total), { window, levelBefore: null, uniqueCount: BigInt(total.uniqueCount) });
  const usage = { quantity: measured(whole), eventCount: BigInt(whole.eventCount) };
  if (groupBy.length === 0) return usage;
  const byDimension = totals
    .filter((total) => total.dimensionKey !== "")
    .map((total): DimensionUsage => ({ values: valuesOf(total.dimensionKey), quantity: measured(total) ?? ZERO }));
  return { ...usage, groupBy, byDimension };
}

/** What a meter counted in each earlier period that starts within `starts`, oldest first; not for levels. */
export async function earlierQuantities(
  sql: Sql,
  customerId: string,
  meter: MeterRow,
  starts: Window,
): Promise<Decimal[]> {
  const totals = await meterPeriodTotals(sql, { customerId, meterId: meter.id, starts });
  return totals.map((total) => totalUsage(meter, [total], starts)?.quantity ?? ZERO);
}

function valuesOf(dimensionKey: string): string[] {
  return dimensionKey.startsWith("[") ? (JSON.parse(dimensionKey) as string[]) : [dimensionKey];
}

function stateOf(total: PeriodTotal): UsageState {
  const { latestQuantity, latestOccurredAt, latestReceivedAt } = total;
  return {
    ...emptyUsageState(),
    eventCount: BigInt(total.eventCount),
    quantitySum: decimal(total.quantitySum),
    quantityMax: total.quantityMax === null ? null : decimal(total.quantityMax),
    latest:
      latestQuantity === null || latestOccurredAt === null || latestReceivedAt === null
        ? null
        : {
            quantity: decimal(latestQuantity),
            occurredAt: latestOccurredAt.getTime(),
            receivedAt: latestReceivedAt.getTime(),
          },
  };
}

/** The most events that a line may be priced one by one from. */
const maxRatedEvents = 1_000_000;

/**
 * The counted events of a period in order of time and receipt, for the percentage cards that price each event. Only
 * those cards read events; their cost grows with the period's events, up to the stated maximum.
 */
export async function ratedEvents(
  sql: Sql,
  customerId: string,
  meter: MeterRow,
  window: { startAt: EpochMs; endAt: EpochMs },
): Promise<RatedEvent[]> {
  const rows = await sql.query<{ quantity: string; occurred_at: Date }>(
    `SELECT e.quantity, e.occurred_at FROM usage_event e
     WHERE e.customer_id = $1 AND e.meter_id = $2 AND e.occurred_at >= $3 AND e.occurred_at < $4
       AND e.kind = 'USAGE' AND e.counted
       AND NOT EXISTS (SELECT FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id)
     ORDER BY e.occurred_at, e.received_at, e.id LIMIT ${maxRatedEvents + 1}`,
    [customerId, meter.id, instantText(window.startAt), instantText(window.endAt)],
  );
  if (rows.length > maxRatedEvents) {
    throw new Error(`More than ${maxRatedEvents} events in one period of a card that prices each event`);
  }
  // A COUNT meter counts events, whatever quantity they were sent with.
  const isCount = meter.definition.aggregation === "COUNT";
  return rows.map((row) => ({
    quantity: isCount ? ONE : decimal(row.quantity),
    occurredAt: row.occurred_at.getTime(),
  }));
}
