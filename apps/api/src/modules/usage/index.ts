export { type Column, type ColumnValue, columnStatement, type ReadyStatement, runColumns } from "./array-columns.ts";
export { conflictId, contentHash, usageEventId } from "./event-id.ts";
export { type LateUsage, markLateUsage } from "./late-usage-mark.ts";
export type { NewUsageEvent, PeriodStanding } from "./new-usage-event.ts";
export { rebuildPeriodTotals, rebuildUsage } from "./rebuild-periods.ts";
export {
  addUniqueValues,
  insertEvents,
  insertNewEvents,
  insertVoid,
  recountLevels,
  totalsStatements,
} from "./usage.repository.ts";
export { findUsageEvents, recordOfNewEvent, type UsageEventRecord } from "./usage-event.record.ts";
export { lockUsage, rebuildTimeoutSql, sharedUsageLock, usageLockSql } from "../customers/index.ts";
export { recountPeriods, recountWindows } from "./usage-recompute.repository.ts";
export { instantText } from "./usage-state.columns.ts";
export { LimitPeriodEnum, LimitPolicy, LimitStanding, LimitStateType } from "./limit-state.types.ts";
export { meterPeriodTotals, type PeriodTotal, periodTotals } from "./period-total.read-model.ts";
export { CustomerArgs, UsageResolver } from "./usage.resolver.ts";
export { mapUsageEvent, UsageEventType } from "./usage-event.types.ts";
export { UsageQueryService } from "./usage-query.service.ts";
export { measureLevels, readSeries, type SeriesRequest } from "./usage-series.read-model.ts";
