import type { EpochMs } from "@meterline/billing-domain";
import type { Closings, InvoicedStatement } from "../modules/reconciliation/index.ts";
import { closingId, findClosing, statementLinesOf, statementOfPeriod, subjectOf } from "../modules/statements/index.ts";
import type { Sql } from "../platform/database/index.ts";
import { stripeBillingOf } from "./closing-links.ts";

/** What a reconciliation asks of the parts that close periods. */
export const closings: Closings = { isInvoiced, billingOf: stripeBillingOf, invoiced };

/** Whether a period's invoice is past taking anything more. */
async function isInvoiced(sql: Sql, of: { customerId: string; startAt: EpochMs }): Promise<boolean> {
  const statement = await statementOfPeriod(sql, { ...of, kind: "PERIOD_END" });
  if (statement === null) return false;
  if (statement.state === "FINAL") return true;
  const closing = await findClosing(sql, closingId(statement));
  const step = closing?.heldStep ?? closing?.state;
  return step === "COMPARE" || step === "DONE";
}

/** The statements of a period that are final on invoices of their own: its start's and its end's. */
async function invoiced(sql: Sql, of: { customerId: string; startAt: EpochMs }): Promise<InvoicedStatement[]> {
  const found: InvoicedStatement[] = [];
  for (const kind of ["START", "PERIOD_END"] as const) {
    const statement = await statementOfPeriod(sql, { ...of, kind });
    if (statement?.state !== "FINAL" || statement.invoice === null || statement.finalAt === null) continue;
    const { customerId, id, finalAt } = statement;
    const { currency } = statement.total;
    const lines = await statementLinesOf(sql, { customerId, id, currency });
    const { stripeInvoiceId } = statement.invoice;
    found.push({ id, stripeInvoiceId, currency, lines, finalAt, subjectPrefix: subjectOf(statement, "") });
  }
  return found;
}
