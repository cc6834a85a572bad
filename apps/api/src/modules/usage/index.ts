export type { NewUsageEvent, PeriodStanding } from "./new-usage-event.ts";
export { addToTotals, insertEvents } from "./usage.repository.ts";
export { findUsageEvents, mapUsageEventRow, recordOfNewEvent, type UsageEventRecord } from "./usage-event.record.ts";
export { lockUsage, usageLockStripe } from "./usage-lock.ts";
export * from "./usage-recompute.repository.ts";
export { instantText } from "./usage-state.columns.ts";
