import type { Database, LastStatements, Sql } from "../../platform/database/index.ts";
import {
  addUniqueValues,
  findUsageEvents,
  insertEvents,
  markLateUsage,
  type NewUsageEvent,
  type ReadyStatement,
  recountLevels,
  recordOfNewEvent,
  totalsStatements,
  type UsageEventRecord,
  usageLockSql,
} from "../usage/index.ts";
import { commitAtOnce, fitsAtOnce } from "./commit-at-once.ts";
import { insertConflicts } from "./conflict.repository.ts";
import { type IngestOutcome, RecordedUsage, type Standings, standingsByPeriod } from "./ingest-outcome.ts";

/** Thrown, with nothing written, when customers' billing periods changed after the events were placed in them. */
export class StaleBillingVersionError extends Error {
  constructor(readonly customerIds: ReadonlySet<string>) {
    super(`The billing periods of ${customerIds.size} customers changed while their usage was being recorded`);
  }
}

/**
 * Records groups of events, each in one transaction: events, rollups, period totals and conflicts, all or nothing. A
 * group is taken to be all new and recorded at once, until one turns out not to be: repeats come in runs (a retry, a
 * file that is imported again), so groups are then recorded step by step as long as they hold any.
 */
export class UsageCommits {
  readonly #database: Database;
  #lastHeldRepeats = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * One outcome an event, in order. When it resolves, everything RECORDED is committed and durable, and what watches the
   * totals has run behind them in the same transaction.
   */
  async commit(events: readonly NewUsageEvent[], watching: readonly ReadyStatement[] = []): Promise<IngestOutcome[]> {
    if (!this.#lastHeldRepeats && fitsAtOnce(events)) {
      const outcomes = await commitAtOnce(this.#database, events, watching);
      if (outcomes !== null) return outcomes;
    }
    const outcomes = await commitStepwise(this.#database, events, watching);
    this.#lastHeldRepeats = outcomes.some((one) => one.outcome !== "RECORDED");
    return outcomes;
  }
}

/** Records a group of which anything may be known already: inserts, looks at what fell out, then adds up the rest. */
async function commitStepwise(
  database: Database,
  events: readonly NewUsageEvent[],
  watching: readonly ReadyStatement[],
): Promise<IngestOutcome[]> {
  const firsts = new Map<string, NewUsageEvent>();
  for (const event of events) if (!firsts.has(event.id)) firsts.set(event.id, event);
  const lock = usageLockSql({
    shared: events.map((event) => event.customerId),
    // Windows of levels are written by recounting them, which must not race with another ingest.
    exclusive: events.filter((event) => event.meter.aggregation === "WEIGHTED_SUM").map((event) => event.customerId),
  });
  const { known, standings } = await database.pipelined.run(lock, (sql) => write(sql, { events, firsts, watching }));
  const answered = new Set<string>();
  return events.map((event) => {
    const recorded = known.get(event.id);
    const isFirst = !answered.has(event.id);
    answered.add(event.id);
    if (recorded === undefined && isFirst) return new RecordedUsage(event, standings);
    return repeatOutcome(event, recorded ?? recordOfNewEvent(firsts.get(event.id) ?? event));
  });
}

type Written = { known: Map<string, UsageEventRecord>; standings: Standings };

async function write(
  sql: Sql,
  {
    events,
    firsts,
    watching,
  }: {
    events: readonly NewUsageEvent[];
    firsts: ReadonlyMap<string, NewUsageEvent>;
    watching: readonly ReadyStatement[];
  },
): Promise<LastStatements<Written>> {
  const candidates = [...firsts.values()];
  const inserted = await insertEvents(sql, candidates);
  const left = candidates.filter((event) => !inserted.has(event.id));
  const known = new Map((await findUsageEvents(sql, left)).map((record) => [record.id, record]));
  const stale = left.filter((event) => !known.has(event.id));
  if (stale.length > 0) throw new StaleBillingVersionError(new Set(stale.map((event) => event.customerId)));
  await insertConflicts(
    sql,
    events.filter((event) => {
      const first = known.get(event.id) ?? firsts.get(event.id);
      return first !== undefined && first.contentHash !== event.contentHash;
    }),
  );
  const recorded = left.length === 0 ? candidates : candidates.filter((event) => inserted.has(event.id));
  await markLateUsage(
    sql,
    recorded.filter((event) => event.late && event.counted),
  );
  await recountLevels(sql, recorded);
  const { statements, standingsOf } = totalsStatements(recorded, await addUniqueValues(sql, recorded));
  return {
    statements: [...statements, ...watching],
    answer: (answers) => ({
      known,
      standings: standingsByPeriod(() => standingsOf(answers.slice(0, statements.length))),
    }),
  };
}

/** What a key that is known already is answered: the same content again, or other content. */
export function repeatOutcome(event: NewUsageEvent, recorded: UsageEventRecord): IngestOutcome {
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
