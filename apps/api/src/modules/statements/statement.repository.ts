import { addMoney, type EpochMs, type Money, statementTotal, type Window } from "@meterline/billing-domain";
import type { Sql, Transaction } from "../../platform/database/index.ts";
import type { ReadInvoice } from "../reconciliation/index.ts";
import { insertStatementLines, type StoredStatementLine } from "./statement-line.repository.ts";

/** PREPARING while the invoice is on its way, HELD while a person has to look, FINAL for ever. */
export type StatementState = "PREPARING" | "HELD" | "FINAL";

/** PERIOD_END of a billing period; START of a subscription that is charged ahead; LATE is what became known after a plan ended. */
export type StatementKind = "PERIOD_END" | "START" | "LATE";

/** A statement without its lines. */
export type StatementRecord = {
  customerId: string;
  id: string;
  kind: StatementKind;
  window: Window;
  subscriptionId: string;
  total: Money;
  state: StatementState;
  invoice: StatementInvoice | null;
  acceptedReason: string | null;
  issuedAt: EpochMs;
  finalAt: EpochMs | null;
};

/** Stripe's invoice of a statement, and what became of it. */
export type StatementInvoice = {
  stripeInvoiceId: string;
  number: string | null;
  hostedUrl: string | null;
  pdfUrl: string | null;
  payment: {
    status: string;
    total: Money;
    amountDue: Money;
    amountPaid: Money;
    failed: boolean;
  } | null;
};

/** A statement to be written. */
export type NewStatement = Pick<
  StatementRecord,
  "customerId" | "id" | "kind" | "window" | "subscriptionId" | "total" | "state" | "issuedAt"
> & { lines: readonly StoredStatementLine[] };

/** Writes a statement with its lines; false when it is there already. */
export async function insertStatement(sql: Transaction, statement: NewStatement): Promise<boolean> {
  const { customerId, id, window, total, issuedAt } = statement;
  const written = await sql.query(
    `INSERT INTO statement (customer_id, id, kind, period_start, period_end, subscription_id, currency, total_minor, state,
       issued_at, final_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (customer_id, kind, period_start) DO NOTHING RETURNING id`,
    [
      customerId,
      id,
      statement.kind,
      new Date(window.startAt),
      new Date(window.endAt),
      statement.subscriptionId,
      total.currency,
      total.amountMinor.toString(),
      statement.state,
      new Date(issuedAt),
      statement.state === "FINAL" ? new Date(issuedAt) : null,
    ],
  );
  if (written.length === 0) return false;
  await insertStatementLines(sql, { customerId, id, from: 0 }, statement.lines);
  return true;
}

/** Takes off a statement that is not FINAL what its invoice did not charge: lines of their own, behind the others. */
export async function insertUncharged(
  sql: Transaction,
  statement: Pick<StatementRecord, "customerId" | "id" | "total">,
  of: { from: number; lines: readonly StoredStatementLine[] },
): Promise<void> {
  const { customerId, id, total } = statement;
  await insertStatementLines(sql, { customerId, id, from: of.from }, of.lines);
  await sql.query("UPDATE statement SET total_minor = $3 WHERE customer_id = $1 AND id = $2", [
    customerId,
    id,
    addMoney(total, statementTotal(of.lines, total.currency)).amountMinor.toString(),
  ]);
}

/** What becomes of an unfinished statement as its invoice goes on. */
export async function setStatementState(
  sql: Sql,
  of: { customerId: string; kind: StatementKind; startAt: EpochMs },
  state: "PREPARING" | "HELD",
): Promise<void> {
  await sql.query(
    `UPDATE statement SET state = $4
     WHERE customer_id = $1 AND kind = $2 AND period_start = $3 AND state NOT IN ('FINAL', $4)`,
    [of.customerId, of.kind, new Date(of.startAt), state],
  );
}

/** Keeps which invoice a statement is on, so that what Stripe tells of the invoice finds it. */
export async function setStatementInvoice(
  sql: Sql,
  statement: Pick<StatementRecord, "customerId" | "id">,
  invoice: Pick<ReadInvoice, "id">,
): Promise<void> {
  await sql.query(
    `UPDATE statement SET stripe_invoice_id = $3
     WHERE customer_id = $1 AND id = $2 AND state <> 'FINAL' AND stripe_invoice_id IS DISTINCT FROM $3`,
    [statement.customerId, statement.id, invoice.id],
  );
}

/** Makes a statement FINAL, with what its invoice is called and where it is shown. */
export async function finishStatement(
  sql: Sql,
  statement: Pick<StatementRecord, "customerId" | "id">,
  of: { invoice: ReadInvoice | null; acceptedReason: string | null; now: EpochMs },
): Promise<void> {
  const { invoice } = of;
  await sql.query(
    `UPDATE statement SET state = 'FINAL', final_at = $3, accepted_reason = $4,
       stripe_invoice_id = coalesce($5, stripe_invoice_id), invoice_number = $6, hosted_url = $7, pdf_url = $8
     WHERE customer_id = $1 AND id = $2 AND state <> 'FINAL'`,
    [
      statement.customerId,
      statement.id,
      new Date(of.now),
      of.acceptedReason,
      invoice?.id ?? null,
      invoice?.number ?? null,
      invoice?.hostedUrl ?? null,
      invoice?.pdfUrl ?? null,
    ],
  );
}

/** Keeps what became of an invoice. */
export async function savePayment(
  sql: Sql,
  statement: Pick<StatementRecord, "customerId" | "id">,
  invoice: ReadInvoice,
  now: EpochMs,
): Promise<void> {
  await sql.query(
    `INSERT INTO statement_payment (customer_id, statement_id, invoice_status, total_minor, amount_due_minor,
       amount_paid_minor, payment_failed, seen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (customer_id, statement_id) DO UPDATE SET invoice_status = EXCLUDED.invoice_status,
       total_minor = EXCLUDED.total_minor, amount_due_minor = EXCLUDED.amount_due_minor,
       amount_paid_minor = EXCLUDED.amount_paid_minor, payment_failed = EXCLUDED.payment_failed, seen_at = EXCLUDED.seen_at`,
    [
      statement.customerId,
      statement.id,
      invoice.status,
      invoice.totalMinor.toString(),
      invoice.amountDueMinor.toString(),
      invoice.amountPaidMinor.toString(),
      invoice.paymentFailed,
      new Date(now),
    ],
  );
}

/** The statement of an invoice, or null. */
export async function statementOfInvoice(sql: Sql, stripeInvoiceId: string): Promise<StatementRecord | null> {
  const [row] = await sql.query<StatementRow>(
    // What gives back stands on the invoice of another statement.
    `${selectStatement} WHERE s.stripe_invoice_id = $1 AND (s.kind <> 'LATE' OR s.total_minor > 0)`,
    [stripeInvoiceId],
  );
  return row === undefined ? null : mapStatement(row);
}

/** What was charged for base fees that begin within a period, in all statements; null for nothing yet. */
export async function feeChargedFor(
  sql: Sql,
  of: { customerId: string; window: Window; currency: string },
): Promise<Money | null> {
  const [row] = await sql.query<{ charged: string | null }>(
    `SELECT sum(amount_minor)::text AS charged FROM statement_line
     WHERE customer_id = $1 AND line_start >= $2 AND line_start < $3 AND kind = 'BASE_FEE'`,
    [of.customerId, new Date(of.window.startAt), new Date(of.window.endAt)],
  );
  return row?.charged == null ? null : { amountMinor: BigInt(row.charged), currency: of.currency };
}

/** A place in the list: after this statement, going back in time. */
export type StatementCursor = { issuedAt: string; id: string };

/** Statements of a customer, latest first. */
export async function listStatements(
  sql: Sql,
  query: { customerId: string; after: StatementCursor | null; limit: number },
): Promise<StatementRecord[]> {
  const rows = await sql.query<StatementRow>(
    `${selectStatement} WHERE s.customer_id = $1
       AND ($2::timestamptz IS NULL OR (s.issued_at, s.id) < ($2, $3::uuid))
     ORDER BY s.issued_at DESC, s.id DESC LIMIT $4`,
    [query.customerId, query.after?.issuedAt ?? null, query.after?.id ?? null, query.limit],
  );
  return rows.map(mapStatement);
}

/** One statement by its id, or null. */
export async function findStatement(sql: Sql, id: string): Promise<StatementRecord | null> {
  const [row] = await sql.query<StatementRow>(`${selectStatement} WHERE s.id = $1`, [id]);
  return row === undefined ? null : mapStatement(row);
}

/** The statement of a period, or null. */
export async function statementOfPeriod(
  sql: Sql,
  of: { customerId: string; kind: StatementKind; startAt: EpochMs },
): Promise<StatementRecord | null> {
  const [row] = await sql.query<StatementRow>(
    `${selectStatement} WHERE s.customer_id = $1 AND s.kind = $2 AND s.period_start = $3`,
    [of.customerId, of.kind, new Date(of.startAt)],
  );
  return row === undefined ? null : mapStatement(row);
}

/** A customer's latest statement that is on an invoice, or null. */
export async function latestInvoicedStatement(sql: Sql, customerId: string): Promise<StatementRecord | null> {
  const [row] = await sql.query<StatementRow>(
    `${selectStatement} WHERE s.customer_id = $1 AND s.state = 'FINAL' AND s.kind <> 'LATE' AND s.stripe_invoice_id IS NOT NULL
     ORDER BY s.issued_at DESC, s.id DESC LIMIT 1`,
    [customerId],
  );
  return row === undefined ? null : mapStatement(row);
}

const selectStatement = `
  SELECT s.customer_id, s.id, s.kind, s.period_start, s.period_end, s.subscription_id, s.currency, s.total_minor, s.state,
    s.stripe_invoice_id, s.invoice_number, s.hosted_url, s.pdf_url, s.accepted_reason, s.issued_at, s.final_at,
    p.invoice_status, p.total_minor AS invoice_total_minor, p.amount_due_minor, p.amount_paid_minor, p.payment_failed
  FROM statement s LEFT JOIN statement_payment p ON p.customer_id = s.customer_id AND p.statement_id = s.id`;

type StatementRow = {
  customer_id: string;
  id: string;
  kind: StatementKind;
  period_start: Date;
  period_end: Date;
  subscription_id: string;
  currency: string;
  total_minor: string;
  state: StatementState;
  stripe_invoice_id: string | null;
  invoice_number: string | null;
  hosted_url: string | null;
  pdf_url: string | null;
  accepted_reason: string | null;
  issued_at: Date;
  final_at: Date | null;
  invoice_status: string | null;
  invoice_total_minor: string | null;
  amount_due_minor: string | null;
  amount_paid_minor: string | null;
  payment_failed: boolean | null;
};

function mapStatement(row: StatementRow): StatementRecord {
  return {
    customerId: row.customer_id,
    id: row.id,
    kind: row.kind,
    window: { startAt: row.period_start.getTime(), endAt: row.period_end.getTime() },
    subscriptionId: row.subscription_id,
    total: { amountMinor: BigInt(row.total_minor), currency: row.currency },
    state: row.state,
    invoice: invoiceOf(row),
    acceptedReason: row.accepted_reason,
    issuedAt: row.issued_at.getTime(),
    finalAt: row.final_at?.getTime() ?? null,
  };
}

function invoiceOf(row: StatementRow): StatementInvoice | null {
  if (row.stripe_invoice_id === null) return null;
  const money = (amountMinor: string | null): Money => ({
    amountMinor: BigInt(amountMinor ?? "0"),
    currency: row.currency,
  });
  return {
    stripeInvoiceId: row.stripe_invoice_id,
    number: row.invoice_number,
    hostedUrl: row.hosted_url,
    pdfUrl: row.pdf_url,
    payment:
      row.invoice_status === null
        ? null
        : {
            status: row.invoice_status,
            total: money(row.invoice_total_minor),
            amountDue: money(row.amount_due_minor),
            amountPaid: money(row.amount_paid_minor),
            failed: row.payment_failed ?? false,
          },
  };
}
