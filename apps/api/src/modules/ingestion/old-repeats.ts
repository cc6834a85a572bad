import type { Database } from "../../platform/database/index.ts";
import { findUsageEvents } from "../usage/index.ts";
import { repeatOutcome } from "./commit-usage.ts";
import { insertConflicts } from "./conflict.repository.ts";
import type { IngestEvent } from "./ingest-event.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";

/** An item that is too old to be recorded, as the event that it would be; `index` is its place in the request. */
export type OldItem = { index: number; event: IngestEvent };

/**
 * What of items that are too old now was recorded when they were not: once is for ever, so a retry is answered as any
 * other, however late it comes. By place; what is not known is left out. One query for all of a request, at most 1,000.
 */
export async function repeatsOfOld(
  database: Database,
  items: readonly OldItem[],
): Promise<ReadonlyMap<number, IngestOutcome>> {
  const outcomes = new Map<number, IngestOutcome>();
  if (items.length === 0) return outcomes;
  const found = await findUsageEvents(
    database,
    items.map(({ event }) => event),
  );
  const known = new Map(found.map((record) => [record.id, record]));
  const conflicts: IngestEvent[] = [];
  for (const { index, event } of items) {
    const recorded = known.get(event.id);
    if (recorded === undefined) continue;
    outcomes.set(index, repeatOutcome(event, recorded));
    if (recorded.contentHash !== event.contentHash) conflicts.push(event);
  }
  await insertConflicts(database, conflicts);
  return outcomes;
}
