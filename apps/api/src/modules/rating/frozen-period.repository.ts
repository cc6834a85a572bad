import {
  type Decimal,
  decimal,
  type EpochMs,
  type FrozenBill,
  formatDecimal,
  type LateLine,
  type RatedLineText,
  ratedLineOf,
  ratedLineText,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { instantText } from "../usage/index.ts";

/** A billing period as it was written down. */
export type FrozenPeriod = {
  customerId: string;
  startAt: EpochMs;
  endAt: EpochMs;
  subscriptionId: string;
  bill: FrozenBill;
  frozenAt: EpochMs;
};

const columns = "customer_id, period_start, period_end, subscription_id, bill, frozen_at";

/** The frozen period that starts at an instant, or null. */
export async function findFrozenPeriod(sql: Sql, customerId: string, startAt: EpochMs): Promise<FrozenPeriod | null> {
  const [row] = await sql.query<FrozenRow>(
    `SELECT ${columns} FROM frozen_period WHERE customer_id = $1 AND period_start = $2`,
    [customerId, instantText(startAt)],
    "frozen_period",
  );
  return row === undefined ? null : mapFrozen(row);
}

/** Frozen periods of a customer that start at `from` or later, oldest first; at most `limit`. */
export async function frozenPeriodsFrom(
  sql: Sql,
  customerId: string,
  from: EpochMs,
  limit: number,
): Promise<FrozenPeriod[]> {
  const rows = await sql.query<FrozenRow>(
    `SELECT ${columns} FROM frozen_period WHERE customer_id = $1 AND period_start >= $2 ORDER BY period_start LIMIT $3`,
    [customerId, instantText(from), limit],
  );
  return rows.map(mapFrozen);
}

/** Writes a frozen period down, once. */
export async function insertFrozenPeriod(sql: Sql, period: FrozenPeriod): Promise<void> {
  await sql.query(
    `INSERT INTO frozen_period (customer_id, period_start, period_end, subscription_id, currency, bill, frozen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      period.customerId,
      instantText(period.startAt),
      instantText(period.endAt),
      period.subscriptionId,
      period.bill.currency,
      JSON.stringify(period.bill),
      instantText(period.frozenAt),
    ],
  );
}

/** What a meter came to in a frozen period; null where the aggregation has no value. */
export type FrozenTotal = { meterId: string; quantity: Decimal | null; eventCount: bigint };

/** Writes down what each meter came to. */
export async function insertFrozenTotals(
  sql: Sql,
  of: { customerId: string; startAt: EpochMs },
  totals: readonly FrozenTotal[],
): Promise<void> {
  if (totals.length === 0) return;
  await sql.query(
    `INSERT INTO frozen_usage (customer_id, meter_id, period_start, quantity, event_count)
     SELECT $1, t.meter_id, $2, t.quantity, t.event_count
     FROM unnest($3::uuid[], $4::numeric[], $5::bigint[]) AS t (meter_id, quantity, event_count)`,
    [
      of.customerId,
      instantText(of.startAt),
      totals.map((total) => total.meterId),
      totals.map((total) => (total.quantity === null ? null : formatDecimal(total.quantity))),
      totals.map((total) => total.eventCount.toString()),
    ],
  );
}

/**
 * What each meter came to in a frozen period, which is what Stripe is told; null while the period is not frozen. Every
 * meter that was used or is on the plan has a row; any other came to nothing.
 */
export async function frozenTotals(sql: Sql, customerId: string, startAt: EpochMs): Promise<FrozenTotal[] | null> {
  const rows = await sql.query<{ meter_id: string | null; quantity: string | null; event_count: string | null }>(
    `SELECT u.meter_id, u.quantity, u.event_count
     FROM frozen_period p LEFT JOIN frozen_usage u ON u.customer_id = p.customer_id AND u.period_start = p.period_start
     WHERE p.customer_id = $1 AND p.period_start = $2`,
    [customerId, instantText(startAt)],
    "frozen_totals",
  );
  if (rows.length === 0) return null;
  return rows.flatMap((row) =>
    row.meter_id === null
      ? []
      : [
          {
            meterId: row.meter_id,
            quantity: row.quantity === null ? null : decimal(row.quantity),
            eventCount: BigInt(row.event_count ?? "0"),
          },
        ],
  );
}

/**
 * Writes down the late lines that a period bills, in their order; or, UNCHARGED, what its invoice did not charge of it and
 * of them, which is less that was billed.
 */
export async function insertLateLines(
  sql: Sql,
  of: { customerId: string; billedStartAt: EpochMs },
  lines: readonly LateLine[],
  what: "BILLED" | "UNCHARGED" = "BILLED",
): Promise<void> {
  for (const [position, line] of lines.entries()) {
    const detail: LateDetail = {
      billed: {
        quantity: formatDecimal(line.billed.quantity),
        amountMinor: line.billed.amount.amountMinor.toString(),
      },
      currency: line.amount.currency,
      known: line.known === null ? null : ratedLineText(line.known),
    };
    await sql.query(
      `INSERT INTO late_usage_line (customer_id, source_start, billed_start, meter_key, source_end, position, quantity,
         amount_minor, detail, uncharged) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        of.customerId,
        instantText(line.source.startAt),
        instantText(of.billedStartAt),
        line.meterKey ?? "",
        instantText(line.source.endAt),
        position,
        formatDecimal(line.quantity),
        line.amount.amountMinor.toString(),
        JSON.stringify(detail),
        what === "UNCHARGED",
      ],
    );
  }
}

/** More lines than any period has: meters of a plan times the frozen periods that usage may still come for. */
const maxLateLines = 20_000;

/** The late lines that a period bills, in their order, and last what its invoice did not charge. */
export async function lateLinesBilledIn(sql: Sql, customerId: string, billedStartAt: EpochMs): Promise<LateLine[]> {
  const rows = await sql.query<LateRow>(
    `SELECT ${lateColumns} FROM late_usage_line WHERE customer_id = $1 AND billed_start = $2
     ORDER BY uncharged, position LIMIT ${maxLateLines}`,
    [customerId, instantText(billedStartAt)],
    "late_lines_billed_in",
  );
  return rows.map(mapLate);
}

/** What a frozen period was billed for late so far, in any later period. */
export async function lateLinesOfSource(sql: Sql, customerId: string, sourceStartAt: EpochMs): Promise<LateLine[]> {
  const rows = await sql.query<LateRow>(
    `SELECT ${lateColumns} FROM late_usage_line WHERE customer_id = $1 AND source_start = $2
     ORDER BY billed_start, uncharged, position LIMIT ${maxLateLines}`,
    [customerId, instantText(sourceStartAt)],
  );
  return rows.map(mapLate);
}

const lateColumns = "meter_key, source_start, source_end, quantity, amount_minor, detail, uncharged";

type LateDetail = {
  billed: { quantity: string; amountMinor: string };
  currency: string;
  known: RatedLineText | null;
};

type LateRow = {
  meter_key: string;
  source_start: Date;
  source_end: Date;
  quantity: string;
  amount_minor: string;
  detail: LateDetail;
  uncharged: boolean;
};

function mapLate(row: LateRow): LateLine {
  const { currency, billed, known } = row.detail;
  return {
    meterKey: row.meter_key === "" ? null : row.meter_key,
    source: { startAt: row.source_start.getTime(), endAt: row.source_end.getTime() },
    quantity: decimal(row.quantity),
    amount: { amountMinor: BigInt(row.amount_minor), currency },
    billed: { quantity: decimal(billed.quantity), amount: { amountMinor: BigInt(billed.amountMinor), currency } },
    known: known === null ? null : ratedLineOf(known),
    ...(row.uncharged ? { isUncharged: true } : {}),
  };
}

type FrozenRow = {
  customer_id: string;
  period_start: Date;
  period_end: Date;
  subscription_id: string;
  bill: FrozenBill;
  frozen_at: Date;
};

function mapFrozen(row: FrozenRow): FrozenPeriod {
  return {
    customerId: row.customer_id,
    startAt: row.period_start.getTime(),
    endAt: row.period_end.getTime(),
    subscriptionId: row.subscription_id,
    bill: row.bill,
    frozenAt: row.frozen_at.getTime(),
  };
}
