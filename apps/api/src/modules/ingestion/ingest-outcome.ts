import type { Refusal } from "@meterline/billing-domain";
import type { NewUsageEvent, PeriodStanding, UsageEventRecord } from "../usage/index.ts";

/** Why an item was refused: what billing-domain refuses, and what only the database knows. */
export type UsageRejection = {
  code:
    | Refusal["code"]
    | "UNKNOWN_CUSTOMER"
    | "UNKNOWN_METER"
    | "IDEMPOTENCY_CONFLICT"
    | "LIMIT_REACHED"
    | "NO_ACTIVE_SUBSCRIPTION";
  field: string;
  message: string;
};

/** What became of one item. `RECORDED` means committed; `DUPLICATE` that the same content was recorded before. */
export type IngestOutcome =
  | { outcome: "RECORDED"; event: UsageEventRecord; placed: NewUsageEvent | null; standing: PeriodStanding | null }
  | { outcome: "DUPLICATE"; event: UsageEventRecord }
  | { outcome: "REJECTED"; rejection: UsageRejection };
