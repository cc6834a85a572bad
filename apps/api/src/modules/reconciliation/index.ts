export {
  type DiscrepancyRecord,
  type FoundDiscrepancy,
  listDiscrepancies,
  settleGone,
  writeDiscrepancy,
} from "./discrepancy.repository.ts";
export { isOnMinutes, stripeTotal } from "./stripe-summary.ts";
