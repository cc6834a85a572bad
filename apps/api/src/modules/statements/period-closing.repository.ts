import type { EpochMs, Window } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { StatementKind } from "./statement.repository.ts";

/** The steps of a period's end, in order; HELD stands beside them. */
export const CLOSING_STEPS = ["HOLD", "FREEZE", "REPORT", "SETTLE", "ITEMS", "FINALIZE", "COMPARE", "DONE"] as const;

/**
 * Where the end of a period has got to with Stripe. A LATE statement that gives back has the one step CREDIT; one that is
 * owed begins with INVOICE, and goes on with ITEMS.
 */
export type ClosingStep = (typeof CLOSING_STEPS)[number] | "CREDIT" | "INVOICE";

/** The last totals that Stripe's summaries said, by meter, and how often in a row. */
export type SeenSummaries = Readonly<Record<string, { value: string; reads: number }>>;

/** The end of one billing period, or the start of one subscription, with Stripe. */
export type PeriodClosing = {
  id: string;
  customerId: string;
  kind: StatementKind;
  window: Window;
  subscriptionId: string;
  /** Null where no subscription of Stripe's bills it. */
  stripeSubscriptionId: string | null;
  stripeInvoiceId: string | null;
  state: ClosingStep | "HELD";
  heldStep: ClosingStep | null;
  stepSince: EpochMs;
  summaries: SeenSummaries;
  note: string | null;
  dueAt: EpochMs | null;
  lastError: string | null;
};

/** What a closing begins with. */
export type NewClosing = Pick<
  PeriodClosing,
  "customerId" | "kind" | "window" | "subscriptionId" | "stripeSubscriptionId" | "stripeInvoiceId"
>;

function firstStepOf({ kind, stripeInvoiceId }: NewClosing): ClosingStep {
  if (kind === "LATE") return stripeInvoiceId === null ? "INVOICE" : "CREDIT";
  return kind === "START" ? "COMPARE" : "HOLD";
}

/** Names a closing for ever. */
export function closingId(of: Pick<NewClosing, "customerId" | "kind" | "window">): string {
  return `${of.customerId}:${of.kind}:${new Date(of.window.startAt).toISOString()}`;
}

/**
 * Makes a closing or finds it: who is first, the freeze or Stripe's word of the invoice, makes it, and the other tells it
 * what it did not know and has it looked at again.
 */
export async function upsertClosing(sql: Sql, closing: NewClosing, now: EpochMs): Promise<string> {
  const id = closingId(closing);
  await sql.query(
    `INSERT INTO period_closing AS stored (id, customer_id, kind, period_start, period_end, subscription_id,
       stripe_subscription_id, stripe_invoice_id, state, step_since, due_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10)
     ON CONFLICT (id) DO UPDATE SET stripe_invoice_id = coalesce(stored.stripe_invoice_id, EXCLUDED.stripe_invoice_id),
       due_at = CASE WHEN stored.state IN ('DONE', 'HELD') THEN stored.due_at ELSE EXCLUDED.due_at END,
       attempts = CASE WHEN stored.state IN ('DONE', 'HELD') THEN stored.attempts ELSE 0 END`,
    [
      id,
      closing.customerId,
      closing.kind,
      new Date(closing.window.startAt),
      new Date(closing.window.endAt),
      closing.subscriptionId,
      closing.stripeSubscriptionId,
      closing.stripeInvoiceId,
      firstStepOf(closing),
      new Date(now),
    ],
  );
  return id;
}

/** One closing by its id, or null. */
export async function findClosing(sql: Sql, id: string): Promise<PeriodClosing | null> {
  const [row] = await sql.query<Row>(`SELECT ${columns} FROM period_closing WHERE id = $1`, [id]);
  return row === undefined ? null : mapRow(row);
}

/** Keeps which invoice a closing is about. */
export async function setInvoice(sql: Sql, id: string, stripeInvoiceId: string): Promise<void> {
  await sql.query("UPDATE period_closing SET stripe_invoice_id = $2 WHERE id = $1", [id, stripeInvoiceId]);
}

/** Keeps what Stripe's summaries said. */
export async function setSummaries(sql: Sql, id: string, summaries: SeenSummaries): Promise<void> {
  await sql.query("UPDATE period_closing SET summaries = $2 WHERE id = $1", [id, JSON.stringify(summaries)]);
}

/**
 * Moves a closing on, from the step that the caller saw: false when it is at another by now. `dueAt` is when it is
 * looked at next; null when nobody need.
 */
export async function moveClosing(
  sql: Sql,
  closing: PeriodClosing,
  to: {
    state: PeriodClosing["state"];
    heldStep?: ClosingStep;
    note: string | null;
    dueAt: EpochMs | null;
    now: EpochMs;
  },
): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE period_closing SET state = $3, held_step = $4, note = $5, due_at = $6, attempts = 0, last_error = NULL,
       step_since = CASE WHEN state = $3 THEN step_since ELSE $7 END, worked_at = $7
     WHERE id = $1 AND state = $2 RETURNING id`,
    [
      closing.id,
      closing.state,
      to.state,
      to.heldStep ?? null,
      to.note,
      to.dueAt === null ? null : new Date(to.dueAt),
      new Date(to.now),
    ],
  );
  return rows.length > 0;
}

/** Lets a held closing go on where it was; false when it is not held. */
export async function releaseClosing(sql: Sql, id: string, now: EpochMs): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE period_closing SET state = held_step, held_step = NULL, note = NULL, due_at = $2, attempts = 0, step_since = $2
     WHERE id = $1 AND state = 'HELD' RETURNING id`,
    [id, new Date(now)],
  );
  return rows.length > 0;
}

/** Closings that are not done, the oldest first; what staff look at. */
export async function unfinishedClosings(sql: Sql, limit: number): Promise<PeriodClosing[]> {
  const rows = await sql.query<Row>(
    `SELECT ${columns} FROM period_closing WHERE state <> 'DONE' ORDER BY period_end, id LIMIT $1`,
    [limit],
  );
  return rows.map(mapRow);
}

const columns = `id, customer_id, kind, period_start, period_end, subscription_id, stripe_subscription_id, stripe_invoice_id,
  state, held_step, step_since, summaries, note, due_at, last_error`;

type Row = {
  id: string;
  customer_id: string;
  kind: StatementKind;
  period_start: Date;
  period_end: Date;
  subscription_id: string;
  stripe_subscription_id: string | null;
  stripe_invoice_id: string | null;
  state: PeriodClosing["state"];
  held_step: ClosingStep | null;
  step_since: Date;
  summaries: SeenSummaries;
  note: string | null;
  due_at: Date | null;
  last_error: string | null;
};

function mapRow(row: Row): PeriodClosing {
  return {
    id: row.id,
    customerId: row.customer_id,
    kind: row.kind,
    window: { startAt: row.period_start.getTime(), endAt: row.period_end.getTime() },
    subscriptionId: row.subscription_id,
    stripeSubscriptionId: row.stripe_subscription_id,
    stripeInvoiceId: row.stripe_invoice_id,
    state: row.state,
    heldStep: row.held_step,
    stepSince: row.step_since.getTime(),
    summaries: row.summaries,
    note: row.note,
    dueAt: row.due_at?.getTime() ?? null,
    lastError: row.last_error,
  };
}
