import type { EpochMs, Window } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { instantText } from "./usage-state.columns.ts";

/** What a customer used of one meter, in one combination of group-by values or ("") in all, over a billing period. */
export type PeriodTotal = {
  meterId: string;
  dimensionKey: string;
  eventCount: string;
  quantitySum: string;
  quantityMax: string | null;
  latestQuantity: string | null;
  latestOccurredAt: Date | null;
  latestReceivedAt: Date | null;
  uniqueCount: string;
};

/** The bound on rows: meters times combinations, of which a customer has at most 1,000 a meter. */
const maxRows = 200_000;
/** Daily periods over more than fifty years. */
const maxPeriods = 20_000;

/** Everything a customer used in the billing period that starts at an instant. Its cost does not grow with events. */
export async function periodTotals(sql: Sql, customerId: string, periodStartAt: EpochMs): Promise<PeriodTotal[]> {
  const rows = await sql.query<PeriodTotalRow>(
    `SELECT meter_id, dimension_key, event_count, quantity_sum, quantity_max, latest_quantity, latest_occurred_at,
       latest_received_at, unique_count
     FROM usage_period_total WHERE customer_id = $1 AND period_start = $2 ORDER BY meter_id, dimension_key LIMIT ${maxRows + 1}`,
    [customerId, instantText(periodStartAt)],
    "period_totals",
  );
  if (rows.length > maxRows) throw new Error(`More than ${maxRows} totals in one billing period`);
  return rows.map(mapPeriodTotal);
}

/** A meter's totals of the billing periods that start within [startAt, endAt), oldest first; unused ones are absent. */
export async function meterPeriodTotals(
  sql: Sql,
  of: { customerId: string; meterId: string; starts: Window },
): Promise<PeriodTotal[]> {
  const rows = await sql.query<PeriodTotalRow>(
    `SELECT meter_id, dimension_key, event_count, quantity_sum, quantity_max, latest_quantity, latest_occurred_at,
       latest_received_at, unique_count
     FROM usage_period_total
     WHERE customer_id = $1 AND meter_id = $2 AND period_start >= $3 AND period_start < $4 AND dimension_key = ''
     ORDER BY period_start LIMIT ${maxPeriods + 1}`,
    [of.customerId, of.meterId, instantText(of.starts.startAt), instantText(of.starts.endAt)],
    "meter_period_totals",
  );
  if (rows.length > maxPeriods) throw new Error(`More than ${maxPeriods} billing periods of one subscription`);
  return rows.map(mapPeriodTotal);
}

function mapPeriodTotal(row: PeriodTotalRow): PeriodTotal {
  return {
    meterId: row.meter_id,
    dimensionKey: row.dimension_key,
    eventCount: row.event_count,
    quantitySum: row.quantity_sum,
    quantityMax: row.quantity_max,
    latestQuantity: row.latest_quantity,
    latestOccurredAt: row.latest_occurred_at,
    latestReceivedAt: row.latest_received_at,
    uniqueCount: row.unique_count,
  };
}

type PeriodTotalRow = {
  meter_id: string;
  dimension_key: string;
  event_count: string;
  quantity_sum: string;
  quantity_max: string | null;
  latest_quantity: string | null;
  latest_occurred_at: Date | null;
  latest_received_at: Date | null;
  unique_count: string;
};
