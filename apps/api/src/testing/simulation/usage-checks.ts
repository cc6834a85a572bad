import { isDeepStrictEqual } from "node:util";
import { customerPeriodAt, formatDecimal, type MeterUsage, type Window, ZERO } from "@meterline/billing-domain";
import { derivedUsage, recountedUsage } from "../derived-usage.ts";
import { fail } from "./simulation-failure.ts";
import { type SimulatedCustomer, termsOf, type World } from "./world.ts";
import { periodUsage } from "../../modules/rating/period-usage.read-model.ts";

/** Events, rollups and period totals are the same, and are what the senders sent. */
export async function checkUsage(world: World): Promise<void> {
  for (const customer of world.customers) {
    await checkEvents(world, customer);
    await checkRecount(world, customer);
    await checkTotals(world, customer);
  }
}

/** Everything that was answered is stored once, and nothing else. */
async function checkEvents(world: World, customer: SimulatedCustomer): Promise<void> {
  const { rows } = await world.database.admin.query<{ id: string; voided: boolean }>(
    `SELECT e.id, EXISTS (SELECT FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id) AS voided
     FROM usage_event e WHERE e.customer_id = $1 AND e.kind = 'USAGE' ORDER BY 1`,
    [customer.id],
  );
  const booked = world.book.entries
    .filter((entry) => entry.customer === customer.index && entry.recorded !== null)
    .map((entry) => ({ id: entry.recorded?.eventId, voided: entry.voided }))
    .toSorted((left, right) => ((left.id ?? "") < (right.id ?? "") ? -1 : 1));
  if (isDeepStrictEqual(rows, booked)) return;
  fail("EVENTS", `customer ${customer.index} has ${rows.length} events, ${booked.length} were sent`);
}

/** What is derived is what a recount from the events gives. */
async function checkRecount(world: World, customer: SimulatedCustomer): Promise<void> {
  const { database } = await world.process.container();
  const derived = await derivedUsage(database, customer.id);
  const recounted = await recountedUsage(database, customer.id);
  for (const [what, rows] of Object.entries(derived)) {
    if (isDeepStrictEqual(rows, recounted[what])) continue;
    fail("RECOUNT", `${what} of customer ${customer.index}: ${JSON.stringify({ rows, recounted: recounted[what] })}`);
  }
}

/** Period totals are what the senders sent, counted by billing-domain alone. */
async function checkTotals(world: World, customer: SimulatedCustomer): Promise<void> {
  const container = await world.process.container();
  const terms = await termsOf(world, customer);
  const now = container.clock.now();
  const meters = await container.meters.all();
  const periods = new Map<number, Window>(
    [...world.book.periods(customer.index, terms), customerPeriodAt(terms, now).window].map((one) => [
      one.startAt,
      one,
    ]),
  );
  for (const window of periods.values()) {
    const counted = await periodUsage(container.database, { customerId: customer.id, window, meters, now });
    const booked = world.book.usages(customer.index, window, now);
    for (const { definition } of meters) {
      const [ours, theirs] = [counted.get(definition.key), booked.get(definition.key)].map(textOf);
      if (ours === theirs) continue;
      const period = new Date(window.startAt).toISOString();
      fail("PERIOD_TOTAL", `${definition.key} of customer ${customer.index} from ${period}: ${ours}, sent ${theirs}`);
    }
  }
}

function textOf(usage: MeterUsage | undefined): string {
  return `${formatDecimal(usage?.quantity ?? ZERO)} in ${usage?.eventCount ?? 0n} events`;
}
