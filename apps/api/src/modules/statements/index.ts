export {
  findStatement,
  type StatementInvoice,
  type StatementRecord,
  type StatementState,
  type StoredStatementLine,
  statementLinesOf,
  statementOfPeriod,
} from "./statement.repository.ts";
export { StatementResolver } from "./statement.resolver.ts";
export { StatementService } from "./statement.service.ts";
export { type StripeBilling, type StripeBillingOf, writeStatement } from "./statement-writer.ts";
