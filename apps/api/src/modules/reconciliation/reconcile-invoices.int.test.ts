import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Viewer } from "../../platform/auth/index.ts";
import { type PeriodEndBench, type StripeCustomer, startPeriodEnds } from "../statements/period-end.testing.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const hour = 3_600_000;
const day = 24 * hour;

let bench: PeriodEndBench;
beforeAll(async () => {
  bench = await startPeriodEnds();
});
afterAll(() => bench?.stop());

async function reconcile(customer: StripeCustomer) {
  const { reconciliation } = bench.container.closing;
  const run = await reconciliation.start(staff, { customerId: customer.customerId, repair: true });
  await reconciliation.work.drain();
  return reconciliation.run(run.id);
}
const waiting = async (customer: StripeCustomer) =>
  (await bench.tickets(customer))
    .filter((one) => one.state === "TICKET")
    .map(({ kind, subject, amount }) => [kind, subject.slice(subject.indexOf("Z:") + 2), amount]);

/** A customer with usage that Stripe has counted for more than an hour. */
async function settled(quantity = "1200"): Promise<StripeCustomer> {
  const customer = await bench.subscribe();
  await bench.use(customer, quantity);
  await bench.use(customer, "3", { meterKey: "peak" });
  await bench.work();
  bench.clock.advance(2 * hour);
  await bench.work();
  return customer;
}
const addItem = (customer: StripeCustomer, amount: number) =>
  bench.stripe.invoiceItems.create({ customer: customer.stripeCustomerId, amount, currency: "usd" });

describe("the running period is held against Stripe's preview of its invoice", () => {
  it("nothing differs while usage lags, nor once it is counted; what Meterline adds is not expected yet", async () => {
    const customer = await settled();
    expect(await reconcile(customer)).toMatchObject({ found: 0, customersFailed: 0, unread: 0 });
    await bench.use(customer, "300");
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
    await bench.work();
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
  });

  it("a line that is not ours is a ticket to the cent, and gone with the line; past ten of them too", async () => {
    const customer = await settled();
    const items = [];
    for (let amount = 1; amount <= 12; amount += 1) items.push(await addItem(customer, amount));
    // Fifteen lines: the first ten come with the preview, the others in a page, which is a read.
    const { reads, tickets } = await reconcile(customer);
    expect([reads, tickets]).toEqual([(await readsOf(customer)) + 1, 12]);
    const found = await waiting(customer);
    expect(found.every(([kind]) => kind === "PREVIEW_EXTRA_LINE")).toBe(true);
    expect(found.reduce((sum, [, , amount]) => sum + Number(amount), 0)).toBe(78);
    // Another look is the same twelve findings, though a preview's lines have other ids each time.
    await bench.stripe.customers.create();
    expect(await reconcile(customer)).toMatchObject({ tickets: 12 });
    expect(await bench.tickets(customer)).toHaveLength(12);
    for (const { id } of items) await bench.stripe.invoiceItems.del(id);
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
    expect(await waiting(customer)).toEqual([]);
  });

  it("a fee that is edited, and a wrong price, are tickets", async () => {
    const customer = await settled("100");
    const { items } = await bench.stripe.subscriptions.retrieve(customer.stripeSubscriptionId);
    const [fee, calls] = items.data;
    const prorated = { proration_behavior: "none" as const };
    await bench.stripe.subscriptions.update(customer.stripeSubscriptionId, {
      items: [{ id: fee?.id ?? "", quantity: 2 }],
      ...prorated,
    });
    expect(await reconcile(customer)).toMatchObject({ tickets: 1 });
    expect(await waiting(customer)).toEqual([["PREVIEW_AMOUNT", "base-fee", "2000"]]);

    const { currency, product, recurring } = calls?.price ?? {};
    const dearer = await bench.stripe.prices.create({
      currency: currency ?? "usd",
      product: String(product),
      unit_amount: 3,
      recurring: { interval: "month", usage_type: "metered", meter: recurring?.meter ?? "" },
    });
    await bench.container.database.query(
      `INSERT INTO stripe_price SELECT $1, plan_version_id, meter_id, product_id, $1, content, false, adopted, created_at,
         created_at FROM stripe_price WHERE stripe_price_id = $2`,
      [dearer.id, calls?.price.id],
    );
    await bench.stripe.subscriptions.update(customer.stripeSubscriptionId, {
      items: [
        { id: fee?.id ?? "", quantity: 1 },
        { id: calls?.id ?? "", price: dearer.id },
      ],
      ...prorated,
    });
    bench.clock.advance(60_000);
    await bench.use(customer, "50");
    await bench.work();
    expect(await reconcile(customer)).toMatchObject({ tickets: 1 });
    // 50 calls at three cents, of which the allowance of 100 leaves nothing to pay.
    expect(await waiting(customer)).toEqual([["PREVIEW_AMOUNT", "usage:calls", "150"]]);
  });

  it("a period that Stripe has not renewed yet is no difference", async () => {
    const customer = await bench.subscribe();
    await bench.work();
    bench.clock.set(customer.endAt + 60_000);
    expect(await reconcile(customer)).toMatchObject({ found: 0, customersFailed: 0 });
    await bench.work();
  });

  it("a subscription that is over at Stripe is a ticket of all that it would have charged", async () => {
    const customer = await settled();
    await bench.stripe.subscriptions.cancel(customer.stripeSubscriptionId);
    expect(await reconcile(customer)).toMatchObject({ tickets: 1 });
    // 10.00 and 0.50 of calls, and the coming fee of 20.00.
    expect(await waiting(customer)).toEqual([["PREVIEW_NONE", "total", "-3050"]]);
    await bench.work();
  });
});

/** A GET for each meter and period that Stripe was told of. */
async function readsOf(customer: StripeCustomer): Promise<number> {
  const [row] = await bench.container.database.query<{ count: string }>(
    "SELECT count(DISTINCT (meter_id, period_start)) AS count FROM meter_report WHERE customer_id = $1",
    [customer.customerId],
  );
  return Number(row?.count);
}

describe("a closed period is held against its final invoice", () => {
  it("what the period's end told, and a person accepted, makes no second ticket; what nobody settled does", async () => {
    const customer = await settled();
    await addItem(customer, 123);
    expect(await reconcile(customer)).toMatchObject({ tickets: 1 });
    await bench.closePeriod(customer.endAt);
    const headers = { cookie: await bench.signInStaff("invoices@example.com"), "x-meterline-app": "admin" };
    const accept = async (): Promise<unknown> => {
      const [held] = (await bench.statements(customer)).filter((one) => one.state === "HELD");
      const query = `mutation { acceptStatement(id: "${held?.id}", reason: "A fee that sales agreed") { state } }`;
      const { data } = await bench.ask(query, { headers });
      await bench.work();
      return data;
    };
    // The end of the period has taken the preview's ticket over: of its draft, and once that is accepted, of the invoice.
    const extra = ["INVOICE_EXTRA_LINE", expect.any(String), "123"];
    expect(await waiting(customer)).toEqual([extra]);
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
    await accept();
    const told = [extra, ["INVOICE_TOTAL", "total", "123"]];
    expect(await waiting(customer)).toEqual(told);
    expect(await reconcile(customer)).toMatchObject({ found: 0 });

    expect(await accept()).toEqual({ acceptStatement: { state: "FINAL" } });
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
    expect(await waiting(customer)).toEqual([]);

    await bench.container.database.query(
      "DELETE FROM discrepancy WHERE customer_id = $1 AND state = 'RESOLVED' AND kind LIKE 'INVOICE%'",
      [customer.customerId],
    );
    expect(await reconcile(customer)).toMatchObject({ found: 2, tickets: 2 });
    expect(await waiting(customer)).toEqual(told);
    expect(await reconcile(customer)).toMatchObject({ found: 2 });
    expect(await waiting(customer)).toEqual(told);
  });

  it("a void that no webhook told of is a ticket, once", async () => {
    const customer = await bench.subscribe();
    const byTransfer = { collection_method: "send_invoice", days_until_due: 30 } as const;
    await bench.stripe.subscriptions.update(customer.stripeSubscriptionId, byTransfer);
    await bench.closePeriod(customer.endAt);
    const [, statement] = await bench.statements(customer);
    await bench.stripe.invoices.voidInvoice(statement?.invoice?.stripeInvoiceId ?? "");
    for (let count = 0; count < 2; count += 1) {
      await reconcile(customer);
      const tickets = (await bench.tickets(customer)).map(({ kind, state, amount }) => [kind, state, amount]);
      expect(tickets).toEqual([["INVOICE_VOIDED", "TICKET", "-2000"]]);
    }
  });
});

describe("a scheduled run", () => {
  it("spends what is left of its reads to the last one, and the next goes on with the next customer", async () => {
    const { database } = bench.container;
    const { reconciliation } = bench.container.closing;
    for (let count = 0; count < 2; count += 1) await settled("10");
    bench.clock.advance(8 * day);
    const { reads } = bench.gateway;
    await reads.save(database);
    const used = await reads.used(database);
    // 30 % stay untouched: three reads are left to scheduled runs.
    await database.query(
      "UPDATE stripe_read_day SET read_count = read_count + $1 WHERE day = (SELECT max(day) FROM stripe_read_day)",
      [7_000 - used - 3],
    );
    const scheduled = async () => {
      await reconciliation.startScheduled();
      await reconciliation.work.drain();
      const [row] = await database.query<{ id: string }>(
        "SELECT id FROM reconciliation_run WHERE kind = 'SCHEDULED' ORDER BY started_at DESC, id DESC LIMIT 1",
      );
      return reconciliation.run(row?.id ?? "");
    };
    const first = await scheduled();
    expect(first).toMatchObject({ state: "DONE", reads: 3, customersFailed: 0, wrapped: false });
    expect(first.unread).toBeGreaterThan(0);
    expect(first.resumeAfter).not.toBeNull();
    expect(await reads.left(database)).toBe(3_000);

    await database.query("DELETE FROM stripe_read_day");
    bench.clock.advance(day);
    const second = await scheduled();
    // It goes round every customer, and begins where the first one stopped.
    expect(second).toMatchObject({ state: "DONE", startedAfter: first.resumeAfter, wrapped: true, resumeAfter: null });
    expect([second.customersChecked, second.unread]).toEqual([first.customersChecked, 0]);
  });
});
