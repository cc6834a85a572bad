import { randomUUID } from "node:crypto";
import {
  type Decimal,
  decimal,
  type EpochMs,
  formatDecimal,
  type KnownDifference,
  type Money,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** OPEN while it may be repaired without a person, TICKET while it waits for one. */
export type DiscrepancyState = "OPEN" | "TICKET" | "REPAIRED" | "RESOLVED";

/** What was found: two numbers of one thing that are not the same. */
export type FoundDiscrepancy = {
  customerId: string;
  kind: string;
  /** What it is about; with the kind it tells two findings apart. */
  subject: string;
  meterKey: string | null;
  periodStartAt: EpochMs | null;
  statementId: string | null;
  stripeId: string | null;
  expectedUnits: Decimal | null;
  actualUnits: Decimal | null;
  /** What the difference comes to: actual less expected; null where nobody can say. */
  amount: Money | null;
  currency: string;
  message: string;
  state: "OPEN" | "TICKET";
};

/** A discrepancy as it is stored. */
export type DiscrepancyRecord = Omit<FoundDiscrepancy, "state"> & {
  id: string;
  state: DiscrepancyState;
  units: Decimal | null;
  runId: string | null;
  foundAt: EpochMs;
  seenAt: EpochMs;
  settledAt: EpochMs | null;
  settledBy: string | null;
  reason: string | null;
};

/** Writes a finding down; the same one again, while it is not settled, only brings its numbers up to date. */
export async function writeDiscrepancy(
  sql: Sql,
  found: FoundDiscrepancy,
  at: { now: EpochMs; runId: string | null },
): Promise<void> {
  const { expectedUnits, actualUnits } = found;
  const units = expectedUnits === null || actualUnits === null ? null : actualUnits.minus(expectedUnits);
  await sql.query(
    `INSERT INTO discrepancy (customer_id, id, kind, subject, meter_key, period_start, statement_id, stripe_id,
       expected_units, actual_units, units, amount_minor, currency, message, state, run_id, found_at, seen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)
     ON CONFLICT (customer_id, kind, subject) WHERE state IN ('OPEN','TICKET') DO UPDATE SET
       expected_units = EXCLUDED.expected_units, actual_units = EXCLUDED.actual_units, units = EXCLUDED.units,
       amount_minor = EXCLUDED.amount_minor, message = EXCLUDED.message, state = EXCLUDED.state,
       stripe_id = EXCLUDED.stripe_id, seen_at = EXCLUDED.seen_at`,
    [
      found.customerId,
      randomUUID(),
      found.kind,
      found.subject,
      found.meterKey,
      found.periodStartAt === null ? null : new Date(found.periodStartAt),
      found.statementId,
      found.stripeId,
      textOf(expectedUnits),
      textOf(actualUnits),
      textOf(units),
      found.amount?.amountMinor.toString() ?? null,
      found.currency,
      found.message.slice(0, 2_000),
      found.state,
      at.runId,
      new Date(at.now),
    ],
  );
}

/** Which unsettled discrepancies: those whose subject begins so, of any kind but the ones that were just found again. */
export type SettleScope = {
  customerId: string;
  subjectPrefix: string;
  /** `kind subject` of what is still there. */
  stillFound: ReadonlySet<string>;
};

/** Settles as REPAIRED what is not there any more; answers how many. */
export async function settleGone(sql: Sql, scope: SettleScope, now: EpochMs): Promise<number> {
  const rows = await sql.query<{ id: string; kind: string; subject: string }>(
    `SELECT id, kind, subject FROM discrepancy
     WHERE customer_id = $1 AND state IN ('OPEN','TICKET') AND starts_with(subject, $2) LIMIT 10000`,
    [scope.customerId, scope.subjectPrefix],
  );
  const gone = rows.filter((row) => !scope.stillFound.has(`${row.kind} ${row.subject}`)).map((row) => row.id);
  if (gone.length === 0) return 0;
  await sql.query(
    `UPDATE discrepancy SET state = 'REPAIRED', settled_at = $3, settled_by = 'system'
     WHERE customer_id = $1 AND id = ANY ($2::uuid[]) AND state IN ('OPEN','TICKET')`,
    [scope.customerId, gone, new Date(now)],
  );
  return gone.length;
}

/** The period's end has written the same difference down as a ticket of its own: what was found of it before is over. */
export async function supersede(
  sql: Sql,
  of: { customerId: string; kind: string; subject: string },
  now: EpochMs,
): Promise<void> {
  await sql.query(
    `UPDATE discrepancy SET state = 'REPAIRED', settled_at = $4, settled_by = 'system',
       reason = 'The end of the period has a ticket of it.'
     WHERE customer_id = $1 AND kind = $2 AND subject = $3 AND state IN ('OPEN','TICKET')`,
    [of.customerId, of.kind, of.subject, new Date(now)],
  );
}

/** Whether a ticket was ever written that still stands, or that a person has settled. */
export async function hasTicket(sql: Sql, of: { customerId: string; kind: string; subject: string }): Promise<boolean> {
  const rows = await sql.query(
    `SELECT FROM discrepancy WHERE customer_id = $1 AND kind = $2 AND subject = $3
       AND state IN ('OPEN','TICKET','RESOLVED') LIMIT 1`,
    [of.customerId, of.kind, of.subject],
  );
  return rows.length > 0;
}

/** More tickets than a period's end can write: a few for each line. */
const maxTickets = 10_000;

/** What the end of a period has told of it: what waits for a person, and what one has settled. */
export async function periodTickets(
  sql: Sql,
  of: { customerId: string; periodStartAt: EpochMs },
): Promise<KnownDifference[]> {
  const rows = await sql.query<Pick<Row, "kind" | "subject" | "units" | "amount_minor" | "state">>(
    `SELECT kind, subject, units, amount_minor, state FROM discrepancy
     WHERE customer_id = $1 AND period_start = $2 AND subject ~ '^(period-end|start):'
       AND state IN ('OPEN','TICKET','RESOLVED') ORDER BY found_at DESC LIMIT ${maxTickets}`,
    [of.customerId, new Date(of.periodStartAt)],
  );
  return rows.map((row) => ({
    kind: row.kind,
    // After the name of the end and its instant, which ends in Z.
    part: row.subject.slice(row.subject.indexOf("Z:") + 2),
    units: decimalOf(row.units),
    amountMinor: row.amount_minor === null ? null : BigInt(row.amount_minor),
    isSettled: row.state === "RESOLVED",
  }));
}

/** Settles one by a person's word; false when it is settled already. */
export async function resolveDiscrepancy(
  sql: Sql,
  of: { customerId: string; id: string },
  by: { actor: string; reason: string; now: EpochMs },
): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE discrepancy SET state = 'RESOLVED', settled_at = $3, settled_by = $4, reason = $5
     WHERE customer_id = $1 AND id = $2 AND state IN ('OPEN','TICKET') RETURNING id`,
    [of.customerId, of.id, new Date(by.now), by.actor, by.reason],
  );
  return rows.length > 0;
}

/** A place in the list: after this discrepancy, going back in time. */
export type DiscrepancyCursor = { foundAt: string; id: string };

/** Which discrepancies staff ask for. */
export type DiscrepancyFilter = {
  customerId: string | null;
  /** True: those that are not settled. */
  unsettled: boolean;
  statementId: string | null;
};

/** Discrepancies, latest first. */
export async function listDiscrepancies(
  sql: Sql,
  filter: DiscrepancyFilter,
  page: { after: DiscrepancyCursor | null; limit: number },
): Promise<DiscrepancyRecord[]> {
  // Said by text, so that the index of what is not settled serves it.
  const waiting = filter.unsettled ? "AND state IN ('OPEN','TICKET')" : "";
  const rows = await sql.query<Row>(
    `SELECT ${columns} FROM discrepancy
     WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::uuid IS NULL OR statement_id = $2) ${waiting}
       AND ($3::timestamptz IS NULL OR (found_at, id) < ($3, $4::uuid))
     ORDER BY found_at DESC, id DESC LIMIT $5`,
    [filter.customerId, filter.statementId, page.after?.foundAt ?? null, page.after?.id ?? null, page.limit],
  );
  return rows.map(mapRow);
}

/** One discrepancy by its id, or null. */
export async function findDiscrepancy(sql: Sql, id: string): Promise<DiscrepancyRecord | null> {
  const [row] = await sql.query<Row>(`SELECT ${columns} FROM discrepancy WHERE id = $1`, [id]);
  return row === undefined ? null : mapRow(row);
}

const columns = `customer_id, id, kind, subject, meter_key, period_start, statement_id, stripe_id, expected_units, actual_units,
  units, amount_minor, currency, message, state, run_id, found_at, seen_at, settled_at, settled_by, reason`;

type Row = {
  customer_id: string;
  id: string;
  kind: string;
  subject: string;
  meter_key: string | null;
  period_start: Date | null;
  statement_id: string | null;
  stripe_id: string | null;
  expected_units: string | null;
  actual_units: string | null;
  units: string | null;
  amount_minor: string | null;
  currency: string;
  message: string;
  state: DiscrepancyState;
  run_id: string | null;
  found_at: Date;
  seen_at: Date;
  settled_at: Date | null;
  settled_by: string | null;
  reason: string | null;
};

function mapRow(row: Row): DiscrepancyRecord {
  return {
    customerId: row.customer_id,
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    meterKey: row.meter_key,
    periodStartAt: row.period_start?.getTime() ?? null,
    statementId: row.statement_id,
    stripeId: row.stripe_id,
    expectedUnits: decimalOf(row.expected_units),
    actualUnits: decimalOf(row.actual_units),
    units: decimalOf(row.units),
    amount: row.amount_minor === null ? null : { amountMinor: BigInt(row.amount_minor), currency: row.currency },
    currency: row.currency,
    message: row.message,
    state: row.state,
    runId: row.run_id,
    foundAt: row.found_at.getTime(),
    seenAt: row.seen_at.getTime(),
    settledAt: row.settled_at?.getTime() ?? null,
    settledBy: row.settled_by,
    reason: row.reason,
  };
}

const textOf = (value: Decimal | null): string | null => (value === null ? null : formatDecimal(value));
const decimalOf = (text: string | null): Decimal | null => (text === null ? null : decimal(text));
