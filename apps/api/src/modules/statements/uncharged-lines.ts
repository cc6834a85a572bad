import {
  decideUncharged,
  formatDecimal,
  type InvoiceDifference,
  lateLineOfUncharged,
  nextPeriodToFreeze,
  type StatementLine,
} from "@meterline/billing-domain";
import type { Database, Transaction } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import { selectProfiles } from "../catalog/index.ts";
import { insertLateLines } from "../rating/index.ts";
import { type ReadInvoice, settleGone, writeDiscrepancy } from "../reconciliation/index.ts";
import { lockUsage, markLateUsage } from "../usage/index.ts";
import type { PeriodClosing } from "./period-closing.repository.ts";
import { insertUncharged, type StatementRecord } from "./statement.repository.ts";
import { statementLinesOf } from "./statement-line.repository.ts";

/** A statement, and the invoice that Stripe finalized without what Meterline adds. */
export type Unattended = {
  closing: PeriodClosing;
  statement: StatementRecord;
  invoice: ReadInvoice;
  differences: readonly InvoiceDifference[];
};

/**
 * Has the open period bill what the invoice did not charge, where that is safe (`decideUncharged`): the statement says
 * from then on what Stripe charged, and what is missing is late usage of the period it belongs to. One transaction under
 * the customer's exclusive usage lock, as every freeze is; done once, because then nothing differs any more.
 */
export async function billUnchargedLater(database: Database, of: Unattended, now: number): Promise<void> {
  const { closing, statement, invoice, differences } = of;
  const { customerId, window } = closing;
  if (closing.kind !== "PERIOD_END" || differences.length === 0) return;
  await database.transaction(async (transaction) => {
    await lockUsage(transaction, { shared: [], exclusive: [customerId] });
    const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
    invariant(profile, `customer ${customerId} is there`);
    const { id, total } = statement;
    const lines = await statementLinesOf(transaction, { customerId, id, currency: total.currency });
    const hasOpenPeriod = nextPeriodToFreeze(profile) !== null;
    const taken = decideUncharged({ lines, differences, status: invoice.status, hasOpenPeriod });
    const meterIds = await meterIdsByKey(transaction);
    const [anyMeterId] = meterIds.values();
    if (taken === null || anyMeterId === undefined) return;
    await insertUncharged(transaction, statement, {
      from: lines.length,
      lines: taken.map((line) => ({ ...line, model: null })),
    });
    const late = taken.map((line) => lateLineOfUncharged(line, lines));
    await insertLateLines(transaction, { customerId, billedStartAt: window.startAt }, late, "UNCHARGED");
    // A mark has its whole period rated again, bounds of the bill included, whatever meter it names.
    const marks = late.map(({ meterKey, source }) => ({
      customerId,
      meterId: meterIds.get(meterKey ?? "") ?? anyMeterId,
      period: { startAt: source.startAt },
    }));
    await markLateUsage(transaction, marks);
    for (const line of taken) await record(transaction, of, line, now);
    const scope = { customerId, subjectPrefix: `uncharged:${statement.id}:`, stillFound: new Set<string>() };
    await settleGone(transaction, scope, now);
  });
}

/** For staff, and settled with it: what Stripe did not charge, and that the open period does. */
async function record(transaction: Transaction, of: Unattended, line: StatementLine, now: number): Promise<void> {
  const { closing, statement, invoice } = of;
  const units = line.quantity === null ? "" : ` (${formatDecimal(line.quantity)} units)`;
  const found = {
    customerId: closing.customerId,
    kind: "UNCHARGED",
    subject: `uncharged:${statement.id}:${line.key}`,
    meterKey: line.meterKey,
    periodStartAt: line.window.startAt,
    statementId: statement.id,
    stripeId: invoice.id,
    expectedUnits: null,
    actualUnits: null,
    amount: line.amount,
    currency: line.amount.currency,
    message: `Stripe finalized ${invoice.id} without Meterline; ${line.key.slice("uncharged:".length)}${units} is billed in the open period.`,
    state: "OPEN" as const,
  };
  await writeDiscrepancy(transaction, found, { now, runId: null });
}

async function meterIdsByKey(transaction: Transaction): Promise<Map<string, string>> {
  const rows = await transaction.query<{ id: string; key: string }>(
    "SELECT id, key FROM meter ORDER BY key LIMIT 10000",
  );
  return new Map(rows.map((row) => [row.key, row.id]));
}
