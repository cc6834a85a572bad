import { decimal, emptyUsageState, formatDecimal, measure } from "@meterline/billing-domain";
import { type LimitedUse, mapUnlimited } from "../limits/index.ts";
import { type LimitStateType, mapUsageEvent, type NewUsageEvent, type PeriodStanding } from "../usage/index.ts";
import type { IngestEvent } from "./ingest-event.ts";
import type { IngestItem } from "./ingest-item.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";
import type { RecordUsageBatchResult, RecordUsageInput, RecordUsageResult } from "./ingestion.types.ts";

/** An input as the service takes it: absent and null are the same, and the scalars' text stays text. */
export function mapRecordUsageInput(input: RecordUsageInput): IngestItem {
  return {
    customerId: input.customerId ?? null,
    externalCustomerId: input.externalCustomerId ?? null,
    meterKey: input.meterKey,
    quantity: input.quantity ?? "1",
    occurredAt: input.occurredAt ?? null,
    idempotencyKey: input.idempotencyKey,
    properties: input.properties ?? null,
    leaseToken: input.leaseToken ?? null,
  };
}

/** Reads where a recorded event leaves its customer at limits that were not decided with it. */
export type ReadLimitState = (event: IngestEvent, limited: LimitedUse) => Promise<LimitStateType | null>;

/** An outcome as the API answers it. What a caller does not ask for is not made: most batches ask for the outcome only. */
export function mapOutcome(outcome: IngestOutcome, meterKey: string, readState: ReadLimitState): RecordUsageResult {
  if (outcome.outcome === "REJECTED") {
    const { rejection, limit } = outcome;
    return {
      outcome: "REJECTED",
      event: null,
      rejection,
      get limit() {
        return limit?.() ?? null;
      },
    };
  }
  return {
    outcome: outcome.outcome,
    get event() {
      return mapUsageEvent(outcome.event, meterKey);
    },
    rejection: null,
    get limit() {
      if (outcome.outcome !== "RECORDED" || outcome.placed === null) return null;
      const { placed, standing } = outcome;
      const unlimited = () => (standing === null ? null : mapStanding(placed, standing));
      const decided = outcome.limit?.() ?? null;
      if (decided !== null) return decided;
      if (!placed.limited) return unlimited();
      return readState(placed, placed.limited).then((state) => state ?? unlimited());
    },
  };
}

/** The outcomes of a batch, in order, and how many there are of each. */
export function mapBatchOutcomes(
  items: readonly IngestItem[],
  outcomes: readonly IngestOutcome[],
  readState: ReadLimitState,
): RecordUsageBatchResult {
  const count = (kind: IngestOutcome["outcome"]) => outcomes.filter((outcome) => outcome.outcome === kind).length;
  return {
    results: outcomes.map((outcome, index) => mapOutcome(outcome, items[index]?.meterKey ?? "", readState)),
    recorded: count("RECORDED"),
    duplicates: count("DUPLICATE"),
    rejected: count("REJECTED"),
  };
}

/** Where the customer stands after the commit; null for levels, whose measure needs the whole period's history. */
function mapStanding(event: NewUsageEvent, standing: PeriodStanding): LimitStateType | null {
  const { aggregation, key } = event.meter;
  if (aggregation === "WEIGHTED_SUM") return null;
  const at = { occurredAt: event.period.startAt, receivedAt: event.receivedAt };
  const used = measure(
    aggregation,
    {
      ...emptyUsageState(),
      eventCount: BigInt(standing.eventCount),
      quantitySum: decimal(standing.quantitySum),
      quantityMax: standing.quantityMax === null ? null : decimal(standing.quantityMax),
      latest: standing.latestQuantity === null ? null : { quantity: decimal(standing.latestQuantity), ...at },
    },
    { window: event.period, levelBefore: null, uniqueCount: BigInt(standing.uniqueCount) },
  );
  return mapUnlimited(key, used === null ? "0" : formatDecimal(used), event.period.endAt);
}
