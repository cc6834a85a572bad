import { compareInvoice, type EpochMs, isToldAlready, type KnownDifference } from "@meterline/billing-domain";
import { classifyStripeError, type StripeGateway } from "../../platform/stripe/index.ts";
import { hasTicket, settleGone, writeDiscrepancy } from "./discrepancy.repository.ts";
import { invoiceCheckedAt, saveInvoiceCheck } from "./invoice-check.repository.ts";
import { findingOf, type InvoiceFinding } from "./invoice-finding.ts";
import type { InvoicedStatement, ReconcileOptions, ReconcileParts, Whose } from "./reconcile.types.ts";
import { noCounts, type RunCounts } from "./reconciliation-run.repository.ts";
import { keyInvoiceLines, readWholeInvoice, type WholeInvoice } from "./stripe-invoice.ts";

type Asked = ReconcileParts & { gateway: StripeGateway };

/** A final invoice seldom changes: scheduled runs read it again after so long. */
const checkEveryMs = 7 * 86_400_000;

/**
 * Holds the final invoices of a closed period against their statements, which agreed when they became final, or were
 * accepted by a person: what that person settled is not told again.
 */
export async function reconcileInvoices(
  parts: Asked,
  whose: Whose,
  of: { known: readonly KnownDifference[]; options: ReconcileOptions },
): Promise<RunCounts> {
  const { database, clock, gateway, closings } = parts;
  const { customerId } = whose.profile;
  const { purse, isThorough, runId } = of.options;
  const settled = of.known.filter((ticket) => ticket.isSettled);
  let counts = noCounts;
  for (const statement of await closings.invoiced(database, { customerId, startAt: whose.period.window.startAt })) {
    const { id: statementId, stripeInvoiceId, subjectPrefix } = statement;
    const checkedAt = await invoiceCheckedAt(database, { customerId, statementId });
    if (!isThorough && clock.now() - Math.max(statement.finalAt, checkedAt ?? 0) < checkEveryMs) continue;
    const read = await invoiceNow(gateway, stripeInvoiceId, () => purse.take());
    if (read === "UNREAD") {
      counts = { ...counts, unread: counts.unread + 1 };
      continue;
    }
    const now = clock.now();
    const found = (await differencesOf(parts, statement, read)).filter((one) => !isKnown(one, settled));
    const still = new Set<string>();
    for (const { part, ...finding } of found) {
      const subject = `${subjectPrefix}${part}`;
      still.add(`${finding.kind} ${subject}`);
      const about = { customerId, subject, periodStartAt: whose.period.window.startAt, statementId };
      const stripe = { stripeId: stripeInvoiceId, currency: statement.currency, state: "TICKET" as const };
      await writeDiscrepancy(database, { ...finding, ...about, ...stripe }, { now, runId });
    }
    await settleGone(database, { customerId, subjectPrefix, stillFound: still }, now);
    const voided = await tellOfVoid(parts, { customerId, statement, read, now, runId });
    await saveInvoiceCheck(database, { customerId, statementId, now });
    const tickets = found.length + voided;
    counts = {
      ...counts,
      numbersChecked: counts.numbersChecked + statement.lines.length,
      found: counts.found + tickets,
      tickets: counts.tickets + tickets,
    };
  }
  return counts;
}

/** Null when Stripe has it no more. */
async function invoiceNow(
  gateway: StripeGateway,
  id: string,
  spend: () => boolean,
): Promise<WholeInvoice | "UNREAD" | null> {
  try {
    return (await readWholeInvoice(gateway, id, spend)) ?? "UNREAD";
  } catch (error) {
    if (classifyStripeError(error).code === "resource_missing") return null;
    throw error;
  }
}

async function differencesOf(
  { database }: ReconcileParts,
  statement: InvoicedStatement,
  read: WholeInvoice | null,
): Promise<InvoiceFinding[]> {
  const { currency, lines } = statement;
  const totalMinor = lines.reduce((sum, line) => sum + line.amount.amountMinor, 0n);
  if (read === null) {
    const units = { meterKey: null, expectedUnits: null, actualUnits: null };
    const amount = { amountMinor: -totalMinor, currency };
    const message = "The invoice of the statement is not at Stripe any more.";
    return [{ kind: "INVOICE_MISSING", part: "invoice", ...units, amount, message }];
  }
  const { invoice } = read;
  const theirs = await keyInvoiceLines(database, read.lines);
  return compareInvoice(
    { currency, lines },
    { currency: invoice.currency, subtotalMinor: invoice.subtotalMinor, lines: theirs },
  ).map((difference) => findingOf(difference, { family: "INVOICE", currency, totalMinor }));
}

/** A void that no webhook told of; once, since a person may have dealt with it. */
async function tellOfVoid(
  { database }: ReconcileParts,
  of: { customerId: string; statement: InvoicedStatement; read: WholeInvoice | null; now: EpochMs; runId: string },
): Promise<number> {
  const { customerId, statement, read, now, runId } = of;
  if (read === null || read.invoice.status !== "void") return 0;
  const about = { customerId, kind: "INVOICE_VOIDED", subject: `invoice:${statement.stripeInvoiceId}` };
  if (await hasTicket(database, about)) return 0;
  const { currency, totalMinor } = read.invoice;
  await writeDiscrepancy(
    database,
    {
      ...about,
      meterKey: null,
      periodStartAt: null,
      expectedUnits: null,
      actualUnits: null,
      statementId: statement.id,
      stripeId: statement.stripeInvoiceId,
      amount: { amountMinor: -totalMinor, currency },
      currency,
      message: "The invoice of a statement was voided in Stripe: the customer owes nothing for it any more.",
      state: "TICKET",
    },
    { now, runId },
  );
  return 1;
}

function isKnown(finding: InvoiceFinding, settled: readonly KnownDifference[]): boolean {
  const { expectedUnits, actualUnits, amount, kind, part } = finding;
  const units = expectedUnits === null || actualUnits === null ? null : actualUnits.minus(expectedUnits);
  return isToldAlready({ kind, part, units, amountMinor: amount?.amountMinor ?? null }, settled);
}
