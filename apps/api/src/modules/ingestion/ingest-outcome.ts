import type { Refusal } from "@meterline/billing-domain";
import {
  type LimitStateType,
  type NewUsageEvent,
  type PeriodStanding,
  recordOfNewEvent,
  type UsageEventRecord,
} from "../usage/index.ts";
import type { IngestEvent } from "./ingest-event.ts";

/** Why an item was refused: what billing-domain refuses, and what only the database knows. */
export type UsageRejection = {
  code:
    | Refusal["code"]
    | "UNKNOWN_CUSTOMER"
    | "UNKNOWN_METER"
    | "IDEMPOTENCY_CONFLICT"
    | "LIMIT_REACHED"
    | "INVALID_LEASE"
    | "NO_ACTIVE_SUBSCRIPTION";
  field: string;
  message: string;
};

/** What became of one item. `RECORDED` means committed; `DUPLICATE` that the same content was recorded before. */
export type IngestOutcome =
  | {
      outcome: "RECORDED";
      event: UsageEventRecord;
      placed: IngestEvent | null;
      standing: PeriodStanding | null;
      /** Where the event left the customer at the strictest limit that it was decided by; null where none was. */
      limit: LimitStateOf | null;
    }
  | { outcome: "DUPLICATE"; event: UsageEventRecord }
  | {
      outcome: "REJECTED";
      rejection: UsageRejection;
      /** Of LIMIT_REACHED: the event that had no room, and where the customer stood. */
      placed?: IngestEvent;
      limit?: LimitStateOf;
    };

/** Makes the state when it is asked for: most callers want the outcome only. */
export type LimitStateOf = () => LimitStateType | null;

/** Finds where an event's customer stands on its meter after the commit. */
export type Standings = (event: NewUsageEvent) => PeriodStanding | null;

/** Standings by customer, meter and period; read from the database's answer when the first is asked for. */
export function standingsByPeriod(read: () => readonly PeriodStanding[]): Standings {
  let standings: Map<string, PeriodStanding> | undefined;
  return (event) => {
    standings ??= new Map(
      read().map((one) => [standingKey(one.customerId, one.meterId, one.periodStartAt), one] as const),
    );
    return standings.get(standingKey(event.customerId, event.meterId, event.period.startAt)) ?? null;
  };
}

function standingKey(customerId: string, meterId: string, periodStartAt: number): string {
  return `${customerId} ${meterId} ${periodStartAt}`;
}

/** An event that was recorded. What is told of it is made when it is asked for: most callers want the outcome only. */
export class RecordedUsage {
  readonly outcome = "RECORDED";
  readonly placed: IngestEvent;
  readonly limit: LimitStateOf | null;
  readonly #standings: Standings;

  constructor(placed: IngestEvent, standings: Standings, limit: LimitStateOf | null = null) {
    this.placed = placed;
    this.limit = limit;
    this.#standings = standings;
  }

  get event(): UsageEventRecord {
    return recordOfNewEvent(this.placed);
  }

  get standing(): PeriodStanding | null {
    return this.#standings(this.placed);
  }
}
