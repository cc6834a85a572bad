import { type EpochMs, type LimitDefinition, limitScopeKey } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** A limit of one customer's own, with who made it and why. */
export type CustomerLimitRecord = {
  id: string;
  customerId: string;
  source: "CUSTOMER" | "OVERRIDE";
  definition: LimitDefinition;
  reason: string | null;
  startsAt: EpochMs;
  endsAt: EpochMs | null;
  createdBy: string;
  endedBy: string | null;
};

/** The most rows that are read of a customer: those that hold and those that ended. */
const maxRows = 500;

/** A customer's own limits, the latest first; `standing` leaves out those that somebody ended. */
export async function selectCustomerLimits(
  sql: Sql,
  customerId: string,
  which: "STANDING" | "ALL" = "STANDING",
): Promise<CustomerLimitRecord[]> {
  const rows = await sql.query<Row>(
    `SELECT id, customer_id, source, definition, reason, starts_at, ends_at, created_by, ended_by FROM customer_limit
     WHERE customer_id = $1 AND ($2 OR ended_by IS NULL) ORDER BY starts_at DESC, id DESC LIMIT ${maxRows}`,
    [customerId, which === "ALL"],
  );
  return rows.map(mapRow);
}

export async function insertCustomerLimit(sql: Sql, record: CustomerLimitRecord): Promise<void> {
  await sql.query(
    `INSERT INTO customer_limit (customer_id, id, source, definition, reason, starts_at, ends_at, created_by, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6)`,
    [
      record.customerId,
      record.id,
      record.source,
      JSON.stringify(record.definition),
      record.reason,
      new Date(record.startsAt),
      record.endsAt === null ? null : new Date(record.endsAt),
      record.createdBy,
    ],
  );
}

/** Ends limits now, or leaves the end that they had reached already. */
export async function endCustomerLimits(
  sql: Sql,
  of: { customerId: string; ids: readonly string[]; endedBy: string; now: EpochMs },
): Promise<void> {
  await sql.query(
    `UPDATE customer_limit SET ended_by = $3, ends_at = LEAST(ends_at, GREATEST(starts_at, $4::timestamptz))
     WHERE customer_id = $1 AND id = ANY ($2::uuid[]) AND ended_by IS NULL`,
    [of.customerId, of.ids, of.endedBy, new Date(of.now)],
  );
}

/** Those that a new limit takes the place of: the same source and scope (an own limit also the same policy). */
export function replacedBy(
  standing: readonly CustomerLimitRecord[],
  wanted: { source: CustomerLimitRecord["source"]; definition: LimitDefinition },
): CustomerLimitRecord[] {
  const scope = limitScopeKey(wanted.definition);
  return standing.filter(
    (one) =>
      one.source === wanted.source &&
      limitScopeKey(one.definition) === scope &&
      (wanted.source === "OVERRIDE" || one.definition.policy === wanted.definition.policy),
  );
}

type Row = {
  id: string;
  customer_id: string;
  source: "CUSTOMER" | "OVERRIDE";
  definition: LimitDefinition;
  reason: string | null;
  starts_at: Date;
  ends_at: Date | null;
  created_by: string;
  ended_by: string | null;
};

function mapRow(row: Row): CustomerLimitRecord {
  return {
    id: row.id,
    customerId: row.customer_id,
    source: row.source,
    definition: row.definition,
    reason: row.reason,
    startsAt: row.starts_at.getTime(),
    endsAt: row.ends_at === null ? null : row.ends_at.getTime(),
    createdBy: row.created_by,
    endedBy: row.ended_by,
  };
}
