import { randomUUID } from "node:crypto";
import type { EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** What a run came to so far. */
export type RunCounts = {
  customersChecked: number;
  customersFailed: number;
  numbersChecked: number;
  found: number;
  repaired: number;
  tickets: number;
  unread: number;
  /** GETs that Stripe was asked. */
  reads: number;
};

/** A reconciliation run. */
export type ReconciliationRunRecord = RunCounts & {
  id: string;
  kind: "SCHEDULED" | "ON_DEMAND";
  customerId: string | null;
  repair: boolean;
  state: string;
  startedBy: string;
  startedAt: EpochMs;
  /** The last customer that was looked at. */
  cursor: string | null;
  /** It began after this customer; once it has wrapped, it goes on from the front to it. */
  startedAfter: string | null;
  wrapped: boolean;
  /** After whom the next scheduled run begins; null from the front. */
  resumeAfter: string | null;
  note: string | null;
  lastError: string | null;
  workedAt: EpochMs | null;
};

/** Nothing yet. */
export const noCounts: RunCounts = {
  customersChecked: 0,
  customersFailed: 0,
  numbersChecked: 0,
  found: 0,
  repaired: 0,
  tickets: 0,
  unread: 0,
  reads: 0,
};

/** Writes a run, which is its own job. A scheduled one begins where the last one stopped. */
export async function insertRun(
  sql: Sql,
  run: Pick<ReconciliationRunRecord, "kind" | "customerId" | "repair" | "startedBy"> & { now: EpochMs },
): Promise<string> {
  const id = randomUUID();
  const [last] =
    run.kind === "ON_DEMAND"
      ? []
      : await sql.query<{ after: string | null }>(
          "SELECT resume_after AS after FROM reconciliation_run WHERE kind = 'SCHEDULED' ORDER BY started_at DESC, id DESC LIMIT 1",
        );
  await sql.query(
    `INSERT INTO reconciliation_run (id, kind, customer_id, repair, state, started_by, started_at, cursor, started_after, due_at)
     VALUES ($1, $2, $3, $4, 'RUNNING', $5, $6, $7, $7, $6)`,
    [id, run.kind, run.customerId, run.repair, run.startedBy, new Date(run.now), last?.after ?? null],
  );
  return id;
}

/** Whether a scheduled run is still under way. */
export async function isScheduledRunning(sql: Sql): Promise<boolean> {
  const rows = await sql.query(
    "SELECT FROM reconciliation_run WHERE kind = 'SCHEDULED' AND state = 'RUNNING' AND due_at IS NOT NULL LIMIT 1",
  );
  return rows.length > 0;
}

/** How far a run got, and where the next one begins. */
export type RunPlace = Pick<ReconciliationRunRecord, "cursor" | "wrapped" | "resumeAfter">;

/** Saves how far a run got: `again` has it taken up once more from there. */
export async function saveRun(
  sql: Sql,
  of: RunPlace & { id: string; counts: RunCounts; again: EpochMs | null },
): Promise<void> {
  const { counts } = of;
  await sql.query(
    `UPDATE reconciliation_run SET cursor = $2, customers_checked = $3, customers_failed = $4, numbers_checked = $5,
       found = $6, repaired = $7, tickets = $8, unread = $9, reads = $11, wrapped = $12, resume_after = $13,
       due_at = coalesce($10, due_at), attempts = CASE WHEN $10::timestamptz IS NULL THEN attempts ELSE 0 END
     WHERE id = $1`,
    [
      of.id,
      of.cursor,
      counts.customersChecked,
      counts.customersFailed,
      counts.numbersChecked,
      counts.found,
      counts.repaired,
      counts.tickets,
      counts.unread,
      of.again === null ? null : new Date(of.again),
      counts.reads,
      of.wrapped,
      of.resumeAfter,
    ],
  );
}

/** One run by its id, or null. */
export async function findRun(sql: Sql, id: string): Promise<ReconciliationRunRecord | null> {
  const [row] = await sql.query<Row>(`SELECT ${columns} FROM reconciliation_run WHERE id = $1`, [id]);
  return row === undefined ? null : mapRun(row);
}

/** Runs, latest first. */
export async function listRuns(sql: Sql, limit: number): Promise<ReconciliationRunRecord[]> {
  const rows = await sql.query<Row>(
    `SELECT ${columns} FROM reconciliation_run ORDER BY started_at DESC, id DESC LIMIT $1`,
    [limit],
  );
  return rows.map(mapRun);
}

/** Customers with a plan that come after one, up to another (inclusive), in order. */
export async function customersWithPlan(
  sql: Sql,
  of: { after: string | null; upTo: string | null; limit: number },
): Promise<string[]> {
  const rows = await sql.query<{ customer_id: string }>(
    `SELECT DISTINCT customer_id FROM plan_subscription
     WHERE ($1::uuid IS NULL OR customer_id > $1) AND ($2::uuid IS NULL OR customer_id <= $2)
     ORDER BY customer_id LIMIT $3`,
    [of.after, of.upTo, of.limit],
  );
  return rows.map((row) => row.customer_id);
}

const columns = `id, kind, customer_id, repair, state, started_by, started_at, cursor, customers_checked, customers_failed,
  numbers_checked, found, repaired, tickets, unread, reads, started_after, wrapped, resume_after, note, last_error, worked_at`;

type Row = {
  id: string;
  kind: "SCHEDULED" | "ON_DEMAND";
  customer_id: string | null;
  repair: boolean;
  state: string;
  started_by: string;
  started_at: Date;
  cursor: string | null;
  customers_checked: number;
  customers_failed: number;
  numbers_checked: number;
  found: number;
  repaired: number;
  tickets: number;
  unread: number;
  reads: number;
  started_after: string | null;
  wrapped: boolean;
  resume_after: string | null;
  note: string | null;
  last_error: string | null;
  worked_at: Date | null;
};

function mapRun(row: Row): ReconciliationRunRecord {
  return {
    id: row.id,
    kind: row.kind,
    customerId: row.customer_id,
    repair: row.repair,
    state: row.state,
    startedBy: row.started_by,
    startedAt: row.started_at.getTime(),
    cursor: row.cursor,
    customersChecked: row.customers_checked,
    customersFailed: row.customers_failed,
    numbersChecked: row.numbers_checked,
    found: row.found,
    repaired: row.repaired,
    tickets: row.tickets,
    unread: row.unread,
    reads: row.reads,
    startedAfter: row.started_after,
    wrapped: row.wrapped,
    resumeAfter: row.resume_after,
    note: row.note,
    lastError: row.last_error,
    workedAt: row.worked_at?.getTime() ?? null,
  };
}
