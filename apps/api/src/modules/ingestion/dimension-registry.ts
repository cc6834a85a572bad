import { LRUCache } from "lru-cache";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Transaction } from "../../platform/database/index.ts";
import { instantText, type NewUsageEvent } from "../usage/index.ts";

/** The most combinations of group-by values that a customer has on one meter; later ones are rolled up together. */
export const MAX_COMBINATIONS = 1_000;
/** Where usage goes whose combination is past the bound: counted in full, priced as a combination of its own. */
export const OTHER_COMBINATION = "(other)";

/** Text of the combinations that a process remembers, with what each costs beside it. */
const maxCachedCharacters = 100_000_000;
/** What an entry counts without any: so there are never more than 50,000. */
const entryCharacters = 2_000;
const none: ReadonlySet<string> = new Set();

// 7001 is the lock on usage, 7002 the one on the catalog.
const lockClass = 7003;

/**
 * Keeps the number of rollup rows bounded: a combination of group-by values gets rows of its own only while its
 * customer has fewer than {@link MAX_COMBINATIONS} on the meter. (That it fits into an index row, `billing-domain` sees to,
 * which bounds the values.) Which one an event went to is written on the event, so that a recount gives the same.
 */
export class DimensionRegistry {
  private readonly known = new LRUCache<string, ReadonlySet<string>>({
    maxSize: maxCachedCharacters,
    sizeCalculation: (combinations) => [...combinations].reduce((size, one) => size + one.length + 50, entryCharacters),
  });

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** The events with their combinations settled; new combinations are registered first, in a transaction of their own. */
  async settle<Event extends NewUsageEvent>(events: readonly Event[]): Promise<readonly Event[]> {
    if (events.every((event) => event.dimensionKey === null)) return events;
    const unseen = new Map<string, NewUsageEvent>();
    // Held here, because the cache may let go of a series while another is registered.
    const settled = new Map<string, ReadonlySet<string>>();
    for (const event of events) {
      if (event.dimensionKey === null) continue;
      const key = seriesKey(event);
      const known = settled.get(key) ?? this.known.get(key) ?? none;
      settled.set(key, known);
      // Combinations are never taken away, so a series that is full stays so and need not be asked for again.
      if (known.has(event.dimensionKey) || known.size >= MAX_COMBINATIONS) continue;
      unseen.set(`${key} ${event.dimensionKey}`, event);
    }
    if (unseen.size > 0)
      for (const [key, combinations] of await this.register([...unseen.values()])) settled.set(key, combinations);
    return events.map((event) =>
      event.dimensionKey === null || settled.get(seriesKey(event))?.has(event.dimensionKey)
        ? event
        : { ...event, dimensionKey: OTHER_COMBINATION },
    );
  }

  private async register(events: readonly NewUsageEvent[]): Promise<Map<string, Set<string>>> {
    const series = new Map(events.map((event) => [seriesKey(event), event]));
    const registered = await this.database.transaction(async (transaction) => {
      await lockCustomers(transaction, events);
      const present = await this.load(transaction, [...series.values()]);
      const admitted = events.filter((event) => admit(present, event));
      await transaction.query(
        `INSERT INTO usage_dimension (customer_id, meter_id, dimension_key, first_seen_at)
         SELECT c, m, d, $4 FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (c, m, d)
         ON CONFLICT DO NOTHING`,
        [
          admitted.map((event) => event.customerId),
          admitted.map((event) => event.meterId),
          admitted.map((event) => event.dimensionKey),
          instantText(this.clock.now()),
        ],
      );
      return present;
    });
    for (const [key, combinations] of registered) {
      // Joined, because a registration that was earlier may be heard of later.
      for (const combination of this.known.get(key) ?? none) combinations.add(combination);
      this.known.set(key, combinations);
    }
    return registered;
  }

  private async load(transaction: Transaction, series: readonly NewUsageEvent[]): Promise<Map<string, Set<string>>> {
    const rows = await transaction.query<{ customer_id: string; meter_id: string; dimension_key: string }>(
      `SELECT d.customer_id, d.meter_id, d.dimension_key
       FROM unnest($1::uuid[], $2::uuid[]) AS s (customer_id, meter_id)
       JOIN usage_dimension d ON d.customer_id = s.customer_id AND d.meter_id = s.meter_id`,
      [series.map((event) => event.customerId), series.map((event) => event.meterId)],
    );
    const present = new Map(series.map((event) => [seriesKey(event), new Set<string>()]));
    for (const row of rows) {
      present.get(seriesKey({ customerId: row.customer_id, meterId: row.meter_id }))?.add(row.dimension_key);
    }
    return present;
  }
}

/** Adds the event's combination to those present if the bound allows it; true when it is new. */
function admit(present: ReadonlyMap<string, Set<string>>, event: NewUsageEvent): boolean {
  const combinations = present.get(seriesKey(event));
  const combination = event.dimensionKey;
  if (combinations === undefined || combination === null || combinations.has(combination)) return false;
  if (combinations.size >= MAX_COMBINATIONS) return false;
  combinations.add(combination);
  return true;
}

function seriesKey(of: { customerId: string; meterId: string }): string {
  return `${of.customerId} ${of.meterId}`;
}

/** One registration at a time a customer stripe, so that two processes cannot pass the bound together. */
async function lockCustomers(transaction: Transaction, events: readonly NewUsageEvent[]): Promise<void> {
  const stripes = [...new Set(events.map((event) => Number.parseInt(event.customerId.slice(0, 2), 16)))];
  const calls = stripes
    .sort((left, right) => left - right)
    .map((stripe) => `pg_advisory_xact_lock(${lockClass}, ${stripe})`);
  await transaction.query(`SELECT ${calls.join(", ")}`);
}
