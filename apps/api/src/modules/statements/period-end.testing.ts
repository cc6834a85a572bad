import { newCustomer, record, usageItem } from "../../testing/test-system.ts";
import { type StripeServer, startStripeServer } from "../../testing/stripe-server.ts";
import { findClosing, type PeriodClosing } from "./period-closing.repository.ts";
import { findStatement, listStatements, type StatementRecord } from "./statement.repository.ts";
import { type StoredStatementLine, statementLinesOf } from "./statement-line.repository.ts";

const minute = 60_000;

/** A customer on Stripe: 20.00 a month; calls and seats are rated by Stripe, peak by Meterline at 2.00 each. */
export type StripeCustomer = {
  customerId: string;
  subscriptionId: string;
  stripeCustomerId: string;
  stripeSubscriptionId: string;
  startAt: number;
  endAt: number;
};

/** A statement with its lines. */
export type ReadStatement = StatementRecord & { lines: StoredStatementLine[] };

/** A server, a sandbox and the work between them, driven by the test's clock. */
export type PeriodEndBench = StripeServer & {
  /** Subscribes a new customer, here and at Stripe, from now on. */
  subscribe(planKey?: string): Promise<StripeCustomer>;
  use(customer: StripeCustomer, quantity: string, of?: { meterKey?: string; occurredAt?: number }): Promise<string>;
  /** Does everything that is due now, in whatever order it takes, until nothing moves. */
  work(): Promise<void>;
  /** Moves the clock at once, and does what is due then. */
  jumpTo(at: number): Promise<void>;
  /** Ends the customer's plan with its period, here and at Stripe. */
  endPlan(customer: StripeCustomer): Promise<void>;
  /** Lets a period end as it does: the draft, the grace, the freeze and everything after. */
  closePeriod(endAt: number): Promise<void>;
  statements(customer: StripeCustomer): Promise<ReadStatement[]>;
  closings(customer: StripeCustomer): Promise<PeriodClosing[]>;
  tickets(customer: StripeCustomer): Promise<{ kind: string; subject: string; state: string; amount: string | null }[]>;
};

/** Starts it, with Stripe's side of the plan "standard" made. */
export async function startPeriodEnds(
  options: NonNullable<Parameters<typeof startStripeServer>[0]> & { plan?: "BY_HAND" | "FROM_CATALOG" } = {},
): Promise<PeriodEndBench> {
  const server = await startStripeServer(options);
  const { container, clock, stripe, sandbox } = server;
  const { database, reporting, closing } = container;
  const { periodEnds } = closing;
  const { sending } = reporting;
  if (periodEnds === null || sending === null) throw new Error("Stripe is configured");
  const items = options.plan === "FROM_CATALOG" ? [] : await makePlan(server);

  const round = async () => {
    await server.settle();
    await reporting.planner.planDue();
    await sending.sender.drain();
    // What Stripe accepted is counted a moment later.
    clock.advance(1_000);
    await server.settle();
    await closing.freezer.freezeDue({
      until: performance.now() + 60_000,
      onFailure: (_customerId, error) => {
        throw error;
      },
    });
    return periodEnds.work.drain();
  };
  const bench: PeriodEndBench = {
    ...server,
    async subscribe(planKey = "standard") {
      const startAt = Math.ceil(clock.now() / minute) * minute;
      clock.set(startAt);
      const customerId = await newCustomer(server, { planKey, startsAt: new Date(startAt).toISOString() });
      const made = await stripe.customers.create({ metadata: { meterline_customer: customerId } });
      const [own] = await database.query<{ id: string }>("SELECT id FROM plan_subscription WHERE customer_id = $1", [
        customerId,
      ]);
      await database.query("INSERT INTO stripe_customer VALUES ($1, $2, NULL, false, NULL, $3)", [
        customerId,
        made.id,
        new Date(startAt),
      ]);
      const subscription = await stripe.subscriptions.create({
        customer: made.id,
        billing_mode: { type: "flexible" },
        items: items.map((item) => ({ price: item.priceId })),
      });
      const linked = subscription.items.data.map((item) => ({
        itemId: item.id,
        priceId: item.price.id,
        meterKey: items.find((one) => one.priceId === item.price.id)?.meterKey ?? null,
      }));
      await database.query(
        `INSERT INTO stripe_subscription VALUES ($1, $2, $3, 'active', $4, NULL, NULL, $5, $4, $4)`,
        [customerId, own?.id, subscription.id, new Date(startAt), JSON.stringify(linked)],
      );
      const [item] = subscription.items.data;
      return {
        customerId,
        subscriptionId: own?.id ?? "",
        stripeCustomerId: made.id,
        stripeSubscriptionId: subscription.id,
        startAt,
        endAt: (item?.current_period_end ?? 0) * 1_000,
      };
    },
    async use(customer, quantity, of = {}) {
      const [outcome] = await record(
        container,
        usageItem({
          customerId: customer.customerId,
          meterKey: of.meterKey ?? "calls",
          quantity,
          occurredAt: new Date(of.occurredAt ?? clock.now()).toISOString(),
        }),
      );
      if (outcome?.outcome !== "RECORDED") throw new Error(JSON.stringify(outcome));
      return outcome.event.id;
    },
    async work() {
      for (let count = 0; count < 20; count += 1) if ((await round()) === 0 && count > 1) return;
    },
    async jumpTo(at) {
      clock.set(Math.max(at, clock.now()));
      await bench.work();
    },
    async endPlan({ customerId, subscriptionId, stripeSubscriptionId, endAt }) {
      await container.subscriptions.end(null, subscriptionId, endAt);
      await stripe.subscriptions.update(stripeSubscriptionId, { cancel_at_period_end: true });
      const known = [customerId, new Date(endAt)];
      await database.query("UPDATE stripe_subscription SET cancel_at = $2 WHERE customer_id = $1", known);
    },
    async closePeriod(endAt) {
      for (const afterMs of [0, 60 * minute, 62 * minute, 65 * minute, 70 * minute])
        await bench.jumpTo(endAt + afterMs);
    },
    async statements({ customerId }) {
      const rows = await listStatements(database, { customerId, after: null, limit: 200 });
      const read = rows.map(async (row) => ({
        ...((await findStatement(database, row.id)) ?? row),
        lines: await statementLinesOf(database, { customerId, id: row.id, currency: row.total.currency }),
      }));
      return (await Promise.all(read)).toReversed();
    },
    async closings({ customerId }) {
      const rows = await database.query<{ id: string }>(
        "SELECT id FROM period_closing WHERE customer_id = $1 ORDER BY created_at, kind DESC",
        [customerId],
      );
      const found = await Promise.all(rows.map((row) => findClosing(database, row.id)));
      return found.flatMap((one) => one ?? []);
    },
    tickets: ({ customerId }) =>
      database.query(
        `SELECT kind, subject, state, amount_minor::text AS amount FROM discrepancy WHERE customer_id = $1
         ORDER BY found_at, kind, subject`,
        [customerId],
      ),
  };
  await sandbox.process();
  return bench;
}

/** The prices of "standard" as Stripe has them: the allowance is a first tier that costs nothing. */
async function makePlan({ stripe, container }: StripeServer): Promise<{ priceId: string; meterKey: string | null }[]> {
  const { database } = container;
  const { id: product } = await stripe.products.create({ name: "Standard" });
  const meter = async (key: string) => {
    const { id } = await stripe.billing.meters.create({
      display_name: key,
      event_name: key,
      default_aggregation: { formula: "sum" },
    });
    await database.query(
      `INSERT INTO stripe_meter (meter_id, stripe_meter_id, event_name, formula, customer_key, value_key, active, adopted,
         linked_at) SELECT id, $2, $1, 'sum', 'stripe_customer_id', 'value', true, false, now() FROM meter WHERE key = $1`,
      [key, id],
    );
    return id;
  };
  const recurring = { interval: "month" } as const;
  const [calls, seats] = [await meter("calls"), await meter("seats")];
  await meter("peak");
  const prices = [
    { meterKey: null, made: await stripe.prices.create({ currency: "usd", product, unit_amount: 2000, recurring }) },
    {
      meterKey: "calls",
      made: await stripe.prices.create({
        currency: "usd",
        product,
        billing_scheme: "tiered",
        tiers_mode: "graduated",
        tiers: [
          { up_to: 100, unit_amount: 0 },
          { up_to: 1_100, unit_amount: 1 },
          { up_to: "inf", unit_amount_decimal: "0.5" as never },
        ],
        recurring: { ...recurring, usage_type: "metered", meter: calls },
      }),
    },
    {
      meterKey: "seats",
      made: await stripe.prices.create({
        currency: "usd",
        product,
        unit_amount: 50,
        recurring: { ...recurring, usage_type: "metered", meter: seats },
      }),
    },
  ];
  for (const { meterKey, made } of prices) {
    await database.query(
      `INSERT INTO stripe_price (stripe_price_id, plan_version_id, meter_id, product_id, lookup_key, content, active, adopted,
         created_at)
       SELECT $1, v.id, (SELECT id FROM meter WHERE key = $2), $3, $1, '{}', true, false, now()
       FROM plan_version v WHERE plan_key = 'standard'`,
      [made.id, meterKey, product],
    );
  }
  return prices.map(({ meterKey, made }) => ({ priceId: made.id, meterKey }));
}
