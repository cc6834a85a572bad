export { CurrentInvoiceLinks } from "./invoice-links.ts";
export { LateCreditService } from "./late-credit.service.ts";
export { watchInvoices } from "./invoice-notices.ts";
export { closingId, findClosing, type PeriodClosing, unfinishedClosings } from "./period-closing.repository.ts";
export type { PeriodLink, PeriodLinks, PeriodReporting, SummaryTotal, ToldMeter } from "./period-end.ports.ts";
export { PeriodEndService, subjectOf } from "./period-end.service.ts";
export {
  findStatement,
  type StatementInvoice,
  type StatementRecord,
  type StatementState,
  statementOfPeriod,
} from "./statement.repository.ts";
export { type StoredStatementLine, statementLinesOf } from "./statement-line.repository.ts";
export { StatementResolver } from "./statement.resolver.ts";
export { StatementService } from "./statement.service.ts";
export { type StripeBilling, type StripeSide, writeStatement } from "./statement-writer.ts";
export { StatementSettlementService } from "./statement-settlement.service.ts";
