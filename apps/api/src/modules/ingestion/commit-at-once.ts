import { type Database, isUniqueViolation, sqlStateOf } from "../../platform/database/index.ts";
import {
  insertNewEvents,
  type NewUsageEvent,
  type ReadyStatement,
  sharedUsageLock,
  totalsStatements,
} from "../usage/index.ts";
import { type IngestOutcome, RecordedUsage, standingsByPeriod } from "./ingest-outcome.ts";

const noNewValues: ReadonlyMap<string, number> = new Map();
const notNullViolation = "23502";

/**
 * Whether a group can be recorded without looking at what is stored: no key twice, no distinct values to count, no
 * levels to recount, no frozen period to mark. It is what nearly every group is. Whatever else a transaction must do for
 * some events has to be refused here, or sent along by {@link commitAtOnce}.
 */
export function fitsAtOnce(events: readonly NewUsageEvent[]): boolean {
  const ids = new Set<string>();
  for (const event of events) {
    if (event.uniqueValue !== null || event.meter.aggregation === "WEIGHTED_SUM" || event.late) return false;
    ids.add(event.id);
  }
  return ids.size === events.length;
}

/**
 * Records a group of which every event is new, in one round trip: the totals are sent with the events, and the events
 * are inserted so that one which is not new, or not placed by its customer's present periods, undoes the whole. Null
 * then, with nothing written. What watches the totals runs behind them.
 */
export async function commitAtOnce(
  database: Database,
  events: readonly NewUsageEvent[],
  watching: readonly ReadyStatement[] = [],
): Promise<IngestOutcome[] | null> {
  const { statements, standingsOf } = totalsStatements(events, noNewValues);
  const lock = sharedUsageLock(events.map((event) => event.customerId));
  try {
    const counting = [lock, insertNewEvents(events), ...statements];
    const answers = (await database.pipelined.runAtOnce([...counting, ...watching])).slice(0, counting.length);
    const standings = standingsByPeriod(() => standingsOf(answers));
    return events.map((event) => new RecordedUsage(event, standings));
  } catch (error) {
    if (isUniqueViolation(error) || sqlStateOf(error) === notNullViolation) return null;
    throw error;
  }
}
