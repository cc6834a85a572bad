import type { Database, Transaction } from "../../platform/database/index.ts";
import {
  addToTotals,
  findUsageEvents,
  insertEvents,
  type NewUsageEvent,
  type PeriodStanding,
  recordOfNewEvent,
  type UsageEventRecord,
  usageLockSql,
} from "../usage/index.ts";
import { insertConflicts } from "./conflict.repository.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";

/** Thrown, with nothing written, when customers' billing periods changed after the events were placed in them. */
export class StaleBillingVersionError extends Error {
  constructor(readonly customerIds: ReadonlySet<string>) {
    super(`The billing periods of ${customerIds.size} customers changed while their usage was being recorded`);
  }
}

/**
 * Records a group of events in one transaction: events, rollups, period totals and conflicts, all or nothing. One
 * outcome an event, in order. When it returns, everything RECORDED is committed and durable.
 */
export async function commitUsage(database: Database, events: readonly NewUsageEvent[]): Promise<IngestOutcome[]> {
  const firsts = new Map<string, NewUsageEvent>();
  for (const event of events) if (!firsts.has(event.id)) firsts.set(event.id, event);
  const lock = usageLockSql({
    shared: events.map((event) => event.customerId),
    // Windows of levels are written by recounting them, which must not race with another ingest.
    exclusive: events.filter((event) => event.meter.aggregation === "WEIGHTED_SUM").map((event) => event.customerId),
  });
  const { known, standings } = await database.transaction((transaction) => write(transaction, events, firsts), lock);
  const answered = new Set<string>();
  return events.map((event) => {
    const recorded = known.get(event.id);
    const isFirst = !answered.has(event.id);
    answered.add(event.id);
    if (recorded === undefined && isFirst) {
      const standing = standings.get(standingKey(event.customerId, event.meterId, event.period.startAt)) ?? null;
      return {
        outcome: "RECORDED",
        // Made when it is asked for: most callers ask for the outcome only.
        get event() {
          return recordOfNewEvent(event);
        },
        placed: event,
        standing,
      };
    }
    return repeatOutcome(event, recorded ?? recordOfNewEvent(firsts.get(event.id) ?? event));
  });
}

async function write(
  transaction: Transaction,
  events: readonly NewUsageEvent[],
  firsts: ReadonlyMap<string, NewUsageEvent>,
): Promise<{ known: Map<string, UsageEventRecord>; standings: Map<string, PeriodStanding> }> {
  const candidates = [...firsts.values()];
  const inserted = await insertEvents(transaction, candidates);
  const left = candidates.filter((event) => !inserted.has(event.id));
  const known = new Map((await findUsageEvents(transaction, left)).map((record) => [record.id, record]));
  const stale = left.filter((event) => !known.has(event.id));
  if (stale.length > 0) throw new StaleBillingVersionError(new Set(stale.map((event) => event.customerId)));
  const standings = await addToTotals(
    transaction,
    left.length === 0 ? candidates : candidates.filter((event) => inserted.has(event.id)),
  );
  await insertConflicts(
    transaction,
    events.filter((event) => {
      const first = known.get(event.id) ?? firsts.get(event.id);
      return first !== undefined && first.contentHash !== event.contentHash;
    }),
  );
  return {
    known,
    standings: new Map(standings.map((one) => [standingKey(one.customerId, one.meterId, one.periodStartAt), one])),
  };
}

function standingKey(customerId: string, meterId: string, periodStartAt: number): string {
  return `${customerId} ${meterId} ${periodStartAt}`;
}

function repeatOutcome(event: NewUsageEvent, recorded: UsageEventRecord): IngestOutcome {
  if (recorded.contentHash === event.contentHash) return { outcome: "DUPLICATE", event: recorded };
  return {
    outcome: "REJECTED",
    rejection: {
      code: "IDEMPOTENCY_CONFLICT",
      field: "idempotencyKey",
      message:
        `Idempotency key "${event.idempotencyKey}" was recorded before with other content, as event ${recorded.id}. ` +
        "Send the same content again, or use a new key for new usage. Both versions are kept for staff to see.",
    },
  };
}
