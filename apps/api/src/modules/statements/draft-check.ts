import { compareDraft, type InvoiceDifference, type InvoiceItemPlan } from "@meterline/billing-domain";
import type { Database } from "../../platform/database/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import { findingOf, keyInvoiceLines, type ReadInvoice, type ReadInvoiceLine } from "../reconciliation/index.ts";
import type { StatementRecord } from "./statement.repository.ts";
import type { StoredStatementLine } from "./statement-line.repository.ts";

type Parts = { database: Database; gateway: StripeGateway };
type Finding = ReturnType<typeof findingOf>;

/** A draft with the items that were just added to it, and the statement that it is to be. */
export type CheckedDraft = {
  invoice: ReadInvoice;
  /** As they were before the items. */
  there: readonly ReadInvoiceLine[];
  items: readonly InvoiceItemPlan[];
  statement: StatementRecord;
  lines: readonly StoredStatementLine[];
};

/** Why a draft must not be finalized: it is not what the statement says, or somebody paused its collection. */
export async function faultsOfDraft(parts: Parts, draft: CheckedDraft): Promise<Finding[]> {
  const { invoice, there, items, statement, lines } = draft;
  const { currency } = statement.total;
  const theirs = { currency: invoice.currency, lines: await keyInvoiceLines(parts.database, there) };
  const found = findingsOf(compareDraft({ currency, lines }, theirs, items), statement);
  return (await isPaused(parts, invoice)) ? [paused, ...found] : found;
}

/** Differences as tickets name them. */
export function findingsOf(differences: readonly InvoiceDifference[], { total }: StatementRecord): Finding[] {
  const of = { family: "INVOICE", currency: total.currency, totalMinor: total.amountMinor } as const;
  return differences.map((difference) => findingOf(difference, of));
}

/** Without an amount: the whole statement is at stake. */
const paused: Finding = {
  kind: "COLLECTION_PAUSED",
  part: "collection",
  meterKey: null,
  expectedUnits: null,
  actualUnits: null,
  amount: null,
  message:
    "Somebody paused the subscription's collection at Stripe, which keeps its invoices drafts. Resume it there, or accept " +
    "the statement to have the invoice finalized all the same.",
};

/** Stripe finalizes no invoice of a paused subscription; asked by us it would, and charge it. */
async function isPaused({ gateway }: Parts, { subscriptionId }: ReadInvoice): Promise<boolean> {
  if (subscriptionId === null) return false;
  const { pause_collection } = await gateway.stripe.subscriptions.retrieve(subscriptionId);
  return pause_collection !== null;
}
