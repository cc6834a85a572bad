export * from "./columns.ts";
export * from "./data-source.ts";
export * from "./database.ts";
export * from "./database-error.ts";
export * from "./migration-runner.ts";
export * from "./pipelined-transactions.ts";
export * from "./process-lock.ts";
export * from "./sql.ts";
export { instantOfText, type PreparedStatement, type TextRow } from "./transaction-at-once.ts";
