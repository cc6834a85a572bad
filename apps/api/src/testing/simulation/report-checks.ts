import { customerPeriodAt, type Decimal, decimal, formatDecimal, ZERO } from "@meterline/billing-domain";
import { fail } from "./simulation-failure.ts";
import { type SimulatedCustomer, termsOf, type World } from "./world.ts";

/** What a closed period came to, where it is closed. */
type FrozenTotals = Map<string, Decimal>;

/**
 * Stripe counted what we hold: of each customer, meter and billing period since the go-live, the frozen quantity, or of the
 * open period what the senders sent. To the last digit, from Stripe's own events.
 */
export async function checkStripeTotals(world: World): Promise<void> {
  const container = await world.process.container();
  const meters = await container.meters.all();
  for (const customer of world.customers) {
    const terms = await termsOf(world, customer);
    const now = world.time.ours.now();
    const frozen = await frozenTotals(world, customer);
    for (const { definition } of meters) {
      const counted = new Map<number, Decimal>();
      for (const fact of world.stripe.sandbox.counted(definition.key, customer.stripeId)) {
        const { window } = customerPeriodAt(terms, fact.timestampS * 1_000);
        counted.set(window.startAt, (counted.get(window.startAt) ?? ZERO).plus(decimal(fact.value)));
      }
      const current = customerPeriodAt(terms, now).window;
      const periods = new Map([...world.book.periods(customer.index, terms), current].map((one) => [one.startAt, one]));
      for (const startAt of counted.keys()) periods.set(startAt, customerPeriodAt(terms, startAt).window);
      for (const window of periods.values()) {
        const isOpen = window.endAt > now;
        // A level grows by the hour and is told by the hour, so in an open period it is only ever nearly told.
        if (isOpen && definition.aggregation === "WEIGHTED_SUM") continue;
        const isHistorical = window.startAt < world.schedule.startAt;
        const live = world.book.quantity(customer.index, definition.key, window, Math.min(now, window.endAt));
        const wanted = isHistorical ? ZERO : (frozen.get(`${definition.key} ${window.startAt}`) ?? live);
        const actual = counted.get(window.startAt) ?? ZERO;
        if (actual.eq(wanted)) continue;
        const difference = actual.minus(wanted);
        if (await isExplained(world, { customer, meterKey: definition.key, startAt: window.startAt, difference }))
          continue;
        const where = `${definition.key} of customer ${customer.index} from ${new Date(window.startAt).toISOString()}`;
        fail("STRIPE_TOTAL", `${where}: Stripe counts ${formatDecimal(actual)}, we hold ${formatDecimal(wanted)}`);
      }
    }
  }
}

/** A ticket names exactly this difference, or the ledger says that exactly so much cannot be told. */
async function isExplained(
  world: World,
  of: { customer: SimulatedCustomer; meterKey: string; startAt: number; difference: Decimal },
): Promise<boolean> {
  const line = [of.customer.id, of.meterKey, new Date(of.startAt)];
  const { rows } = await world.database.admin.query<{ units: string }>(
    `SELECT -t.untold AS units FROM meter_report_total t JOIN meter m ON m.id = t.meter_id
     WHERE t.customer_id = $1 AND m.key = $2 AND t.period_start = $3 AND t.refusal IS NOT NULL
     UNION ALL SELECT d.units FROM discrepancy d
     WHERE d.customer_id = $1 AND d.meter_key = $2 AND d.period_start = $3 AND d.state IN ('OPEN','TICKET')
       AND d.units IS NOT NULL`,
    line,
  );
  return rows.some((row) => decimal(row.units).eq(of.difference));
}

async function frozenTotals(world: World, customer: SimulatedCustomer): Promise<FrozenTotals> {
  const { rows } = await world.database.admin.query<{ key: string; period_start: Date; quantity: string | null }>(
    `SELECT m.key, u.period_start, u.quantity FROM frozen_usage u JOIN meter m ON m.id = u.meter_id WHERE u.customer_id = $1`,
    [customer.id],
  );
  const { rows: periods } = await world.database.admin.query<{ key: string; period_start: Date }>(
    "SELECT m.key, p.period_start FROM frozen_period p CROSS JOIN meter m WHERE p.customer_id = $1",
    [customer.id],
  );
  const totals: FrozenTotals = new Map(periods.map((row) => [`${row.key} ${row.period_start.getTime()}`, ZERO]));
  for (const row of rows) totals.set(`${row.key} ${row.period_start.getTime()}`, decimal(row.quantity ?? "0"));
  return totals;
}

/** Every report has come to an end that needs nobody, or waits for a person by name. */
export async function checkReportsAtRest(world: World): Promise<void> {
  const { rows } = await world.database.admin.query<{ state: string; count: string; code: string | null }>(
    `SELECT state, failure_code AS code, count(*) FROM meter_report
     WHERE state IN ('PENDING','SENDING','UNCERTAIN') GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  if (rows.length > 0)
    fail("REPORTS_UNSETTLED", rows.map((row) => `${row.count} ${row.state} (${row.code})`).join(", "));
}
