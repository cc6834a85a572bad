export {
  type DiscrepancyRecord,
  type FoundDiscrepancy,
  listDiscrepancies,
  resolveDiscrepancy as resolveFound,
  settleGone,
  supersede,
  writeDiscrepancy,
} from "./discrepancy.repository.ts";
export {
  endsPeriod,
  findPeriodInvoice,
  keyInvoiceLines,
  lineKeyField,
  type ReadInvoice,
  type ReadInvoiceLine,
  readInvoice,
  readInvoiceLines,
} from "./stripe-invoice.ts";
export { isOnMinutes, stripeTotal } from "./stripe-summary.ts";
export { findingOf, type InvoiceFinding } from "./invoice-finding.ts";
export { addCounts, reconcileCustomer } from "./reconcile-customer.ts";
export type { Closings, InvoicedStatement, ReconcileParts } from "./reconcile.types.ts";
export { previewSubject } from "./reconcile-preview.ts";
export { ReconciliationResolver } from "./reconciliation.resolver.ts";
export { type ReconciliationDependencies, ReconciliationService } from "./reconciliation.service.ts";
