import {
  type Database,
  isUniqueViolation,
  type LastStatements,
  type Sql,
  sqlStateOf,
} from "../../platform/database/index.ts";
import type { WatchedGroup } from "../alerts/index.ts";
import {
  askedValueOf,
  expireHolds,
  findHolds,
  limitLockSql,
  type LimitPorts,
  readTallies,
  type TallyRequest,
  tallySourceOf,
  writeCounters,
  writeHolds,
} from "../limits/index.ts";
import {
  addUniqueValues,
  findUsageEvents,
  insertEvents,
  insertNewEvents,
  markLateUsage,
  recountLevels,
  recordOfNewEvent,
  totalsStatements,
  type UsageEventRecord,
  usageLockSql,
} from "../usage/index.ts";
import { repeatOutcome, StaleBillingVersionError } from "./commit-usage.ts";
import { fitsAtOnce } from "./commit-at-once.ts";
import { insertConflicts } from "./conflict.repository.ts";
import { type IngestEvent, isGated } from "./ingest-event.ts";
import { type IngestOutcome, RecordedUsage, type Standings, standingsByPeriod } from "./ingest-outcome.ts";
import { LimitDecisions } from "./limit-decisions.ts";

/** Thrown, with nothing written, when a key that was free when the limits were decided was taken by another path. */
export class KeyTakenError extends Error {}

const notNullViolation = "23502";

/**
 * Records a group in which limits are decided, in one transaction of two round trips: under the limit lock of each
 * customer, what is known already, used and held is read; then what fits is recorded, in order, with the counters and
 * holds that it changes. One outcome an event, in order; what does not fit is LIMIT_REACHED and leaves no trace.
 */
export async function commitLimited(
  database: Database,
  by: { ports: LimitPorts; watched: WatchedGroup },
  events: readonly IngestEvent[],
): Promise<IngestOutcome[]> {
  const gated = events.filter(isGated);
  const usageLock = usageLockSql({
    shared: events.map((event) => event.customerId),
    exclusive: events.filter((event) => event.meter.aggregation === "WEIGHTED_SUM").map((event) => event.customerId),
  });
  const lock = `${usageLock}; ${limitLockSql(gated.map((event) => event.customerId))}`;
  try {
    return await database.pipelined.run(lock, (sql) => write(sql, by, events));
  } catch (error) {
    // Every event that is sent was looked up under the lock, so only these two can stand in its way.
    if (sqlStateOf(error) === notNullViolation)
      throw new StaleBillingVersionError(new Set(events.map((event) => event.customerId)));
    if (isUniqueViolation(error)) throw new KeyTakenError("a key was taken while limits were decided");
    throw error;
  }
}

async function write(
  sql: Sql,
  { ports, watched }: { ports: LimitPorts; watched: WatchedGroup },
  events: readonly IngestEvent[],
): Promise<LastStatements<IngestOutcome[]>> {
  const now = Math.max(...events.map((event) => event.receivedAt));
  const gated = events.filter(isGated);
  // Sent in this order without waiting, so that holds whose time is up are no longer counted by what is read after.
  const [, stale, found, holds, tallies] = await Promise.all([
    expireHolds(sql, [...new Set(gated.map((event) => event.customerId))], now),
    staleCustomers(sql, gated),
    findUsageEvents(sql, uniqueById(events)),
    findHolds(sql, heldBy(events)),
    readTallies(
      gated.flatMap((event) => event.limited?.touched ?? []),
      { sql, ports, now, asked: gated.flatMap(askedValueOf) },
    ),
  ]);
  // The insert checks it too, but what is refused is not inserted: nothing may be refused by a limit of yesterday.
  if (stale.size > 0) throw new StaleBillingVersionError(stale);
  const decided = decideInOrder(events, found, new LimitDecisions({ tallies, holds, now }));
  const { recorded, decisions } = decided;
  await insertConflicts(sql, decided.conflicts);
  const atOnce = fitsAtOnce(recorded);
  if (!atOnce) await insertStepwise(sql, recorded);
  const newValues = atOnce ? new Map<string, number>() : await addUniqueValues(sql, recorded);
  const { statements, standingsOf } = totalsStatements(recorded, newValues);
  const first = atOnce && recorded.length > 0 ? [insertNewEvents(recorded)] : [];
  const counters = writeCounters(decisions.counted().filter(({ request }) => isCounter(request)));
  const limits = [counters, writeHolds(decisions.changedHolds(), now)].filter((statement) => statement !== null);
  const counting = [...first, ...limits, ...statements];
  return {
    // Behind the totals stands only what watches them: their answer is read by its place.
    statements: [...counting, ...watched.statements, ...watched.judged(decisions)],
    answer: (answers) => {
      const standings = standingsByPeriod(() => standingsOf(answers.slice(0, counting.length)));
      return decided.outcomes.map((outcome) => outcome(standings));
    },
  };
}

/** Customers whose limits or periods have changed since the events were placed under them. */
async function staleCustomers(sql: Sql, events: readonly IngestEvent[]): Promise<Set<string>> {
  const placed = [...new Map(events.map((event) => [`${event.customerId} ${event.billingVersion}`, event])).values()];
  const rows = await sql.query<{ id: string }>(
    `SELECT p.id FROM unnest($1::uuid[], $2::integer[]) AS p (id, billing_version)
     WHERE NOT EXISTS (SELECT FROM customer c WHERE c.id = p.id AND c.billing_version = p.billing_version)`,
    [placed.map((event) => event.customerId), placed.map((event) => event.billingVersion)],
    "limit_stale_customers",
  );
  return new Set(rows.map((row) => row.id));
}

/** Events with distinct values, levels or of frozen periods need more than one statement each. */
async function insertStepwise(sql: Sql, recorded: readonly IngestEvent[]): Promise<void> {
  const inserted = await insertEvents(sql, recorded);
  const left = recorded.filter((event) => !inserted.has(event.id));
  const known = new Set((await findUsageEvents(sql, left)).map((record) => record.id));
  const stale = left.filter((event) => !known.has(event.id));
  if (stale.length > 0) throw new StaleBillingVersionError(new Set(stale.map((event) => event.customerId)));
  if (left.length > 0) throw new KeyTakenError("a key was taken while limits were decided");
  await markLateUsage(
    sql,
    recorded.filter((event) => event.late && event.counted),
  );
  await recountLevels(sql, recorded);
}

type Decided = {
  recorded: IngestEvent[];
  conflicts: IngestEvent[];
  decisions: LimitDecisions;
  outcomes: ((standings: Standings) => IngestOutcome)[];
};

/** What is known already is a repeat, whatever stands at the limit; what is new is decided in the order of the group. */
function decideInOrder(
  events: readonly IngestEvent[],
  found: readonly UsageEventRecord[],
  decisions: LimitDecisions,
): Decided {
  const known = new Map(found.map((record) => [record.id, record]));
  const decided: Decided = { recorded: [], conflicts: [], decisions, outcomes: [] };
  for (const event of events) {
    const earlier = known.get(event.id);
    if (earlier !== undefined) {
      if (earlier.contentHash !== event.contentHash) decided.conflicts.push(event);
      const outcome = repeatOutcome(event, earlier);
      decided.outcomes.push(() => outcome);
      continue;
    }
    const decision = isGated(event) ? decisions.decide(event) : null;
    if (decision !== null && !decision.fits) {
      const { rejection, state } = decision;
      decided.outcomes.push(() => ({ outcome: "REJECTED", rejection, placed: event, limit: state }));
      continue;
    }
    known.set(event.id, recordOfNewEvent(event));
    decided.recorded.push(event);
    decided.outcomes.push((standings) => new RecordedUsage(event, standings, decision?.state ?? null));
  }
  return decided;
}

function isCounter({ limit, meter }: TallyRequest): boolean {
  return tallySourceOf(limit, meter?.definition ?? null) === "COUNTER";
}

function uniqueById(events: readonly IngestEvent[]): IngestEvent[] {
  return [...new Map(events.map((event) => [event.id, event])).values()];
}

function heldBy(events: readonly IngestEvent[]): { customerId: string; id: string }[] {
  const wanted = events.flatMap(({ customerId, holdId }) => (holdId ? [{ customerId, id: holdId }] : []));
  return [...new Map(wanted.map((one) => [`${one.customerId} ${one.id}`, one])).values()];
}
