import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newCustomer, record, usageItem } from "../../testing/test-system.ts";
import { type PeriodEndBench, type StripeCustomer, startPeriodEnds } from "./period-end.testing.ts";

const hour = 3_600_000;
const march = Date.parse("2026-03-01T00:00:00Z");
const april = Date.parse("2026-04-01T00:00:00Z");
const may = Date.parse("2026-05-01T00:00:00Z");
const june = Date.parse("2026-06-01T00:00:00Z");
const july = Date.parse("2026-07-01T00:00:00Z");
const week = 7 * 24 * hour;

let bench: PeriodEndBench;
beforeAll(async () => {
  bench = await startPeriodEnds({ plan: "FROM_CATALOG" });
  const { catalog } = bench.container.stripe;
  await catalog.apply(null, (await catalog.difference()).digest);
  await bench.work();
});
afterAll(() => bench?.stop());

/** A customer on a plan since March that is linked as staff link one, in the middle of the month. */
async function linked(planKey: string, startAt = march): Promise<StripeCustomer> {
  const customerId = await newCustomer(bench, { planKey, startsAt: new Date(startAt).toISOString() });
  await bench.container.stripe.customers.link(null, { customerId, stripeCustomerId: null });
  for (let count = 0; count < 4; count += 1) {
    await bench.work();
    bench.clock.advance(10_000);
  }
  const [row] = await bench.container.database.query<{ id: string; sub: string; cus: string }>(
    `SELECT s.plan_subscription_id AS id, s.stripe_subscription_id AS sub, c.stripe_customer_id AS cus
     FROM stripe_subscription s JOIN stripe_customer c ON c.customer_id = s.customer_id WHERE s.customer_id = $1`,
    [customerId],
  );
  if (row === undefined) throw new Error("the customer is linked");
  const { id: subscriptionId, sub: stripeSubscriptionId, cus: stripeCustomerId } = row;
  return { customerId, subscriptionId, stripeCustomerId, stripeSubscriptionId, startAt, endAt: april };
}

async function expectAllFinal(customer: StripeCustomer, count: number): Promise<void> {
  const statements = await bench.statements(customer);
  expect(await bench.tickets(customer)).toEqual([]);
  expect(statements.map((one) => one.state)).toEqual(Array.from({ length: count }, () => "FINAL"));
  for (const statement of statements) {
    const invoice = await bench.stripe.invoices.retrieve(statement.invoice?.stripeInvoiceId ?? "none");
    expect(BigInt(invoice.total)).toBe(statement.total.amountMinor);
  }
}

describe("a customer linked as staff link it", () => {
  it("has a statement for each invoice, from the first on, to the cent", async () => {
    const customer = await linked("standard");
    const used = usageItem({ customerId: customer.customerId, quantity: "1600.5" });
    await record(bench.container, used, usageItem({ ...used, meterKey: "peak", quantity: "7", idempotencyKey: "p" }));
    await bench.closePeriod(april);
    await bench.jumpTo(april + 3 * hour);
    const [start, period] = await bench.statements(customer);
    expect(start).toMatchObject({ kind: "START", total: { amountMinor: 2000n } });
    // 12.50 of calls, 14.00 of peak, and April's fee.
    expect(period).toMatchObject({ kind: "PERIOD_END", total: { amountMinor: 4650n } });
    await expectAllFinal(customer, 2);
  });

  it("changes its plan at a period's end, and ends: every invoice is a statement", async () => {
    const customer = await linked("standard", april);
    const { subscriptions } = bench.container;
    const ref = { customerId: customer.customerId, externalCustomerId: null };
    const endAt = may;
    await subscriptions.end(null, customer.subscriptionId, endAt);
    await subscriptions.create(null, ref, { planKey: "weekly", startsAt: endAt, anchorAt: endAt });
    await bench.use(customer, "300");
    // Stripe is told of the end before it comes, or it would renew.
    await bench.work();
    await bench.closePeriod(endAt);
    await bench.jumpTo(endAt + 3 * hour);
    await bench.use(customer, "30");
    await bench.closePeriod(endAt + 7 * 24 * hour);
    await bench.jumpTo(endAt + 7 * 24 * hour + 3 * hour);
    const statements = await bench.statements(customer);
    expect(statements.map((one) => [one.kind, one.total.amountMinor])).toEqual([
      ["START", 2000n],
      // The new plan's fee, at once; the old one's 200 calls at a cent, after the grace.
      ["START", 500n],
      ["PERIOD_END", 200n],
      // 30 calls at ten cents, and the next week's fee.
      ["PERIOD_END", 800n],
    ]);
    await expectAllFinal(customer, 4);
  });

  it("and whose next plan could not be told in time is invoiced by a person: held, with a ticket to the cent", async () => {
    await bench.jumpTo(june);
    const customer = await linked("standard", june);
    const { customerId } = customer;
    const { subscriptions } = bench.container;
    await subscriptions.end(null, customer.subscriptionId, july);
    const ref = { customerId, externalCustomerId: null };
    const next = { planKey: "weekly", startsAt: july, anchorAt: july };
    await subscriptions.create(null, ref, next);
    await bench.work();
    // Stripe takes no subscription until the new plan's first week is over.
    bench.sandbox.faults.add({
      effect: { kind: "fail", status: 500 },
      path: "/v1/subscriptions",
      method: "POST",
      rate: 1,
      left: null,
    });
    await bench.closePeriod(july);
    await bench.use(customer, "30");
    await bench.closePeriod(july + week);
    bench.sandbox.faults.clear();
    await bench.jumpTo(july + week + 6 * hour);

    const missed = async () => (await bench.statements(customer)).find((one) => one.window.startAt === july);
    const held = await missed();
    // 30 calls at ten cents, and the week's fee of 5.00, which no invoice has.
    expect(held).toMatchObject({ kind: "PERIOD_END", state: "HELD", invoice: null, total: { amountMinor: 800n } });
    const tickets = (await bench.tickets(customer)).filter((one) => one.kind === "NOT_BILLED");
    expect(tickets).toMatchObject([{ state: "TICKET", amount: "-800" }]);

    const headers = { cookie: await bench.signInStaff("closer@example.com"), "x-meterline-app": "admin" };
    const accept = `mutation { acceptStatement(id: "${held?.id}", reason: "Invoice 17, by hand") { state } }`;
    expect((await bench.ask(accept, { headers })).data).toEqual({ acceptStatement: { state: "FINAL" } });
    expect(await missed()).toMatchObject({ state: "FINAL", invoice: null, acceptedReason: "Invoice 17, by hand" });
    const settled = (await bench.tickets(customer)).filter((one) => one.kind === "NOT_BILLED");
    expect(settled).toMatchObject([{ state: "RESOLVED" }]);
  });
});
