import { formatDecimal } from "@meterline/billing-domain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newCustomer } from "../../testing/test-system.ts";
import { catalogRoutes, type ChannelMoveService, ParityService } from "../stripe-reporting/index.ts";
import { type PeriodEndBench, type StripeCustomer, startPeriodEnds } from "./period-end.testing.ts";

const hour = 3_600_000;
const march = Date.parse("2026-03-01T00:00:00Z");
const april = Date.parse("2026-04-01T00:00:00Z");
const may = Date.parse("2026-05-01T00:00:00Z");
const june = Date.parse("2026-06-01T00:00:00Z");
const july = Date.parse("2026-07-01T00:00:00Z");

let bench: PeriodEndBench;
let moving: ChannelMoveService;
let parity: ParityService;
beforeAll(async () => {
  bench = await startPeriodEnds({ plan: "FROM_CATALOG" });
  const { database, stripe, reporting } = bench.container;
  await stripe.catalog.apply(null, (await stripe.catalog.difference()).digest);
  await bench.work();
  const { clock, gateway } = bench;
  moving = reporting.moving;
  parity = new ParityService({ database, clock, planner: reporting.planner, routes: catalogRoutes, gateway });
});
afterAll(() => bench?.stop());

type Made = { id: string };
type MeteredPrice = { productName: string; lookupKey?: string; cents?: number; aggregate?: string };

/** A customer that the account has billed by usage records since March, as before `2025-03-31.basil`. */
async function legacyCustomer(of: MeteredPrice): Promise<{ stripeCustomerId: string; stripeSubscriptionId: string }> {
  const { gateway, stripe } = bench;
  const { id: customer } = await stripe.customers.create();
  const { id: product } = await stripe.products.create({ name: of.productName });
  const base = await stripe.prices.create({
    currency: "usd",
    product,
    unit_amount: 2000,
    recurring: { interval: "month" },
  });
  const metered = await gateway.legacy<Made>("POST", "/v1/prices", {
    currency: "usd",
    product,
    billing_scheme: "tiered",
    tiers_mode: "graduated",
    tiers: [
      { up_to: 100, unit_amount: 0 },
      { up_to: 1_100, unit_amount: of.cents ?? 1 },
      { up_to: "inf", unit_amount_decimal: "0.5" },
    ],
    ...(of.lookupKey === undefined ? {} : { lookup_key: of.lookupKey }),
    recurring: { interval: "month", usage_type: "metered", aggregate_usage: of.aggregate ?? "sum" },
  });
  const subscription = {
    customer,
    items: [{ price: base.id }, { price: metered.id }],
    backdate_start_date: march / 1_000,
    billing_cycle_anchor: april / 1_000,
  };
  await expect(stripe.subscriptions.create(subscription)).rejects.toThrow(/without a meter/);
  const made = await gateway.legacy<Made>("POST", "/v1/subscriptions", subscription);
  await bench.work();
  return { stripeCustomerId: customer, stripeSubscriptionId: made.id };
}

async function adopted(stripe: { stripeCustomerId: string; stripeSubscriptionId: string }): Promise<StripeCustomer> {
  const customerId = await newCustomer(bench, { planKey: "standard", startsAt: new Date(march).toISOString() });
  const { stripeCustomerId } = stripe;
  await bench.container.stripe.customers.link(null, { customerId, stripeCustomerId });
  await bench.work();
  const [own] = await bench.container.database.query<{ id: string }>(
    "SELECT id FROM plan_subscription WHERE customer_id = $1",
    [customerId],
  );
  return { ...stripe, customerId, subscriptionId: own?.id ?? "", startAt: march, endAt: april };
}

const linksOf = async ({ customerId }: { customerId: string }) =>
  (await bench.container.stripe.customers.standing(customerId)).link?.subscriptions ?? [];
const sheet = async ({ customerId }: StripeCustomer) =>
  (await parity.sheet(customerId, null))?.map((row) => [
    row.meterKey,
    formatDecimal(row.ours),
    row.countedByRecords && formatDecimal(row.countedByRecords),
    row.countedByEvents && formatDecimal(row.countedByEvents),
    row.isEqual,
  ]);
const ownOf = async ({ customerId }: StripeCustomer) =>
  (
    await bench.container.database.query<{ id: string; starts_at: Date; ends_at: Date | null }>(
      "SELECT id, starts_at, ends_at FROM plan_subscription WHERE customer_id = $1 ORDER BY starts_at",
      [customerId],
    )
  ).map((row) => [row.starts_at.getTime(), row.ends_at?.getTime() ?? null]);
async function priceMetersOf({ customerId }: StripeCustomer): Promise<(string | null)[]> {
  const last = (await linksOf({ customerId })).at(-1);
  const item = last?.items.find((one) => one.meterKey === "calls");
  const { recurring } = await bench.stripe.prices.retrieve(item?.priceId ?? "none");
  return [recurring?.meter ?? null];
}

test.each([
  ["names no meter of the plan: set meterline_meter", { productName: "Something" }],
  ["charges for calls", { productName: "Calls", cents: 2 }],
  ["keeps calls from one period to the next", { productName: "X", lookupKey: "calls", aggregate: "last_ever" }],
] as const)("refused, and nothing is told: an item that %s", async (reason, price) => {
  const stripe = await legacyCustomer(price);
  const customer = await adopted(stripe);
  expect(await linksOf(customer)).toEqual([]);
  const { sync } = await bench.container.stripe.customers.standing(customer.customerId);
  expect(sync?.lastError).toContain(reason);
});

test("refused while somebody else tells its records", async () => {
  const stripe = await legacyCustomer({ productName: "Calls" });
  const { items } = await bench.stripe.subscriptions.retrieve(stripe.stripeSubscriptionId);
  const item = items.data.at(-1)?.id ?? "";
  await bench.gateway.legacy("POST", `/v1/subscription_items/${item}/usage_records`, { quantity: 7 });
  const customer = await adopted(stripe);
  const { sync } = await bench.container.stripe.customers.standing(customer.customerId);
  expect(sync?.lastError).toContain("7 units of calls were told in the running period");
});

test("adopted, shadowed, cut over and rolled back: every invoice is its statement to the cent", async () => {
  const customer = await adopted(await legacyCustomer({ productName: "Calls" }));
  const [link] = await linksOf(customer);
  expect(link).toMatchObject({ stripeSubscriptionId: customer.stripeSubscriptionId, startsAt: march });
  expect(link?.items.map((item) => item.meterKey)).toEqual([null, "calls"]);

  await bench.use(customer, "1600");
  await bench.work();
  expect(await sheet(customer)).toEqual([["calls", "1600", "1600", "0", false]]);
  expect((await moving.shadow(null, customer.customerId, "EVENTS")).ok).toBe(true);
  await bench.use(customer, "10");
  await bench.work();
  expect(await sheet(customer)).toEqual([["calls", "1610", "1610", "1610", true]]);

  // Decided, taken back, and decided again: Stripe's subscription is to end, to go on, and to end.
  const cancelAt = async () => (await bench.stripe.subscriptions.retrieve(customer.stripeSubscriptionId)).cancel_at;
  const cutOver = await moving.cutOver(null, customer.customerId);
  expect(cutOver.ok && cutOver.move.cutOverAt).toBe(april);
  expect(await ownOf(customer)).toEqual([
    [march, april],
    [april, null],
  ]);
  await bench.work();
  expect(await cancelAt()).toBe(april / 1_000);
  expect((await moving.rollBack(null, customer.customerId)).ok).toBe(true);
  expect(await ownOf(customer)).toEqual([[march, null]]);
  await bench.work();
  expect(await cancelAt()).toBeNull();
  expect((await moving.cutOver(null, customer.customerId)).ok).toBe(true);
  await bench.work();
  // Stripe takes no new subscription for a while after the edge: it is begun then, and from the edge on.
  bench.sandbox.faults.add({
    effect: { kind: "fail", status: 500 },
    path: "/v1/subscriptions",
    method: "POST",
    rate: 1,
    left: 2,
  });
  await bench.closePeriod(april);
  await bench.jumpTo(april + 3 * hour);
  expect(await priceMetersOf(customer)).toEqual([expect.stringMatching(/^mtr_/)]);
  await bench.use(customer, "300");
  await bench.work();
  expect(await sheet(customer)).toEqual([["calls", "300", "0", "300", false]]);
  await bench.closePeriod(may);
  await bench.jumpTo(may + 3 * hour);

  const back = await moving.rollBack(null, customer.customerId);
  expect(back.ok && back.move.rolledBackAt).toBe(june);
  await bench.work();
  await bench.closePeriod(june);
  await bench.jumpTo(june + 3 * hour);
  expect(await priceMetersOf(customer)).toEqual([null]);
  await bench.use(customer, "250");
  await bench.work();
  expect(await sheet(customer)).toEqual([["calls", "250", "250", "0", false]]);
  await bench.closePeriod(july);
  await bench.jumpTo(july + 3 * hour);

  expect(await bench.tickets(customer)).toEqual([]);
  const statements = (await bench.statements(customer)).toSorted(
    (one, other) => one.window.startAt - other.window.startAt || one.kind.localeCompare(other.kind),
  );
  expect(statements.map((one) => [one.kind, one.total.amountMinor, one.state])).toEqual([
    // March: 1,000 calls at a cent and 510 at half a cent, by records. Its fee was billed before the adoption.
    ["PERIOD_END", 1255n, "FINAL"],
    // April: 200 calls at a cent by the meter, and May's fee. Its own fee, when its subscription began.
    ["PERIOD_END", 2200n, "FINAL"],
    ["START", 2000n, "FINAL"],
    ["PERIOD_END", 0n, "FINAL"],
    // June: 150 calls at a cent by records again, and July's fee; and its own.
    ["PERIOD_END", 2150n, "FINAL"],
    ["START", 2000n, "FINAL"],
  ]);
  for (const statement of statements) {
    const invoice = await bench.stripe.invoices.retrieve(statement.invoice?.stripeInvoiceId ?? "none");
    expect(BigInt(invoice.total)).toBe(statement.total.amountMinor);
  }
});
