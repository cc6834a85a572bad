import { kindWords } from "./stripe-words.ts";

/** What each kind of discrepancy means: the numbers that are not the same. */
const KINDS: Readonly<Record<string, string>> = {
  ROLLUP: "Rollups differ from the events",
  PERIOD_TOTAL: "A period total differs from the events",
  LATE_USAGE: "Late usage that no open period bills",
  REPORT_PLAN: "The reports differ from the frozen quantity",
  REPORT_DEAD: "Stripe will not take a report",
  REPORT_REFUSED: "Units that cannot be told to Stripe",
  STRIPE_SUMMARY: "Stripe counts something else than it accepted",
  PREVIEW_MISSING_LINE: "The next invoice lacks a line",
  PREVIEW_EXTRA_LINE: "The next invoice has a line that is not ours",
  PREVIEW_QUANTITY: "The next invoice has other units than Stripe counts",
  PREVIEW_AMOUNT: "The next invoice has a wrong price",
  PREVIEW_CURRENCY: "The next invoice is in another currency",
  PREVIEW_PERIOD: "The next invoice is for another period",
  PREVIEW_NONE: "Stripe will make no next invoice",
  INVOICE_MISSING_LINE: "The invoice lacks a line of the statement",
  INVOICE_EXTRA_LINE: "The invoice has a line that the statement has not",
  INVOICE_QUANTITY: "The invoice has other units than the statement",
  INVOICE_AMOUNT: "A line of the invoice comes to something else",
  INVOICE_CURRENCY: "The invoice is in another currency",
  INVOICE_TOTAL: "The invoice comes to something else in all",
  INVOICE_MISSING: "Stripe has no invoice for the period",
  INVOICE_VOIDED: "The invoice of a statement was voided",
  UNEXPECTED_INVOICE: "An invoice that no statement is about",
  CUSTOMER_DELETED: "The customer was deleted in Stripe",
  COLLECTION_PAUSED: "Collection is paused in Stripe",
  UNCHARGED: "Stripe finalized without it; the open period bills it",
  NOT_BILLED: "No subscription in Stripe bills the period",
  STRIPE_REFUSED: "Stripe refused a step of the period's end",
  CREDIT_NOTE: "The credit note comes to something else",
};

/** The kind in words; one that is not known here as its name. */
export function discrepancyWords(kind: string): string {
  return KINDS[kind] ?? kindWords(kind);
}
