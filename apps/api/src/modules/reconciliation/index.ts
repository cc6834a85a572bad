export {
  type DiscrepancyRecord,
  type FoundDiscrepancy,
  listDiscrepancies,
  resolveDiscrepancy as resolveFound,
  settleGone,
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
export { addCounts, type ReconcileParts, reconcileCustomer } from "./reconcile-customer.ts";
export { ReconciliationResolver } from "./reconciliation.resolver.ts";
export { type ReconciliationDependencies, ReconciliationService } from "./reconciliation.service.ts";
