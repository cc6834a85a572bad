export type { Clock } from "./clock.ts";
export { type UsageClientOptions, UsageClientOptionError } from "./client-options.ts";
export type { BatchMetric, ClientProblem, RetryMetric, UsageClientHooks } from "./hooks.ts";
export {
  type DeliveryFailure,
  type RecordReceipt,
  type RefusalCode,
  type UndeliveredUsage,
  type UsageOutcome,
  UsageRefusedError,
  type UsageRejection,
} from "./outcome.ts";
export { SpillDirectoryLockedError } from "./spill-lock.ts";
export { UsageClient } from "./usage-client.ts";
export type { UsageLease } from "./usage-lease.ts";
export {
  type CommitOutcome,
  type CustomerRef,
  type Held,
  type HoldRequest,
  type LimitState,
  type Reservation,
  UsageLimits,
  UsageLimitsError,
} from "./usage-limits.ts";
export type { PropertyValue, RecordUsageInput, UsageRecord } from "./usage-record.ts";
