import { decimal, formatDecimal } from "@meterline/billing-domain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogRoutes } from "./catalog-routes.ts";
import type { ChannelMoveService } from "./channel-move.service.ts";
import { ParityService } from "./parity.service.ts";
import { type ReportingBench, startReporting } from "./reporting.testing.ts";

const start = "2026-03-16T10:00:00.000Z";
let bench: ReportingBench;
let moving: ChannelMoveService;
let parity: ParityService;
beforeAll(async () => {
  bench = await startReporting();
  const { clock, container } = bench.system;
  const { database } = container;
  moving = container.reporting.moving;
  const { planner, gateway } = bench;
  parity = new ParityService({ database, clock, planner, routes: catalogRoutes, gateway });
});
afterAll(() => bench.close());

/** A customer whose subscription at Stripe is billed by usage records, as before Billing Meters. */
async function legacyCustomer() {
  const customer = await bench.linkedCustomer(start);
  const { stripe } = bench.gateway;
  const { id: product } = await stripe.products.create({ name: "Calls" });
  const price = await bench.gateway.legacy<{ id: string }>("POST", "/v1/prices", {
    currency: "usd",
    product,
    unit_amount: 10,
    recurring: { interval: "month", usage_type: "metered", aggregate_usage: "sum" },
  });
  const subscription = await bench.gateway.legacy<{ id: string; items: { data: { id: string }[] } }>(
    "POST",
    "/v1/subscriptions",
    { customer: customer.stripeCustomerId, items: [{ price: price.id }] },
  );
  const itemId = subscription.items.data[0]?.id ?? "";
  const items = JSON.stringify([{ itemId, priceId: price.id, meterKey: "calls" }]);
  await bench.system.container.database.query(
    `INSERT INTO stripe_subscription SELECT customer_id, id, $2, 'active', starts_at, NULL, NULL, $3, now(), now()
     FROM plan_subscription WHERE customer_id = $1`,
    [customer.customerId, subscription.id, items],
  );
  return { ...customer, itemId };
}
type Customer = Awaited<ReturnType<typeof legacyCustomer>>;

const tell = async (customer: Customer, quantity: string) => {
  await bench.use(customer.customerId, quantity);
  await bench.planner.planDue();
  await bench.newSender().drain();
  bench.system.clock.advance(60_000);
  await bench.sandbox.process();
};
const sheet = async (customer: Customer) =>
  (await parity.sheet(customer.customerId, null))?.map((row) => [
    row.meterKey,
    formatDecimal(row.ours),
    row.countedByRecords && formatDecimal(row.countedByRecords),
    row.countedByEvents && formatDecimal(row.countedByEvents),
    row.isEqual,
  ]);

test("records alone, both in shadow, meters alone from the next period on, and back at the one after", async () => {
  const { clock } = bench.system;
  await bench.system.container.database.query(
    "UPDATE meter SET stripe_transport = 'USAGE_RECORDS' WHERE key = 'calls'",
  );
  const customer = await legacyCustomer();
  await tell(customer, "3.5");
  await tell(customer, "2");
  // Records hold whole units: 5 of 5.5.
  expect(await sheet(customer)).toEqual([["calls", "5.5", "5", "0", false]]);

  expect((await moving.shadow(null, customer.customerId, "EVENTS")).ok).toBe(true);
  expect(await moving.shadow(null, customer.customerId, "EVENTS")).toEqual({ ok: false, code: "ALREADY_MOVING" });
  await tell(customer, "1");
  expect(await sheet(customer)).toEqual([["calls", "6.5", "6", "6.5", true]]);

  const cutOver = await moving.cutOver(null, customer.customerId);
  expect(cutOver.ok && new Date(cutOver.move?.cutOverAt ?? 0).toISOString()).toBe("2026-04-16T10:00:00.000Z");
  await tell(customer, "1");
  expect(await sheet(customer)).toEqual([["calls", "7.5", "7", "7.5", true]]);

  clock.set(Date.parse("2026-04-16T10:00:00Z"));
  await bench.sandbox.process();
  await tell(customer, "4");
  expect(await sheet(customer)).toEqual([["calls", "4", "0", "4", false]]);

  const back = await moving.rollBack(null, customer.customerId);
  expect(back.ok && new Date(back.move?.rolledBackAt ?? 0).toISOString()).toBe("2026-05-16T10:00:00.000Z");
  expect(await moving.rollBack(null, customer.customerId)).toEqual({ ok: false, code: "ALREADY_DECIDED" });
  clock.set(Date.parse("2026-05-16T10:00:00Z"));
  await bench.sandbox.process();
  await tell(customer, "9");
  expect(await sheet(customer)).toEqual([["calls", "9", "9", "0", false]]);
});

test("a record is set to the total: lost answers change nothing", async () => {
  const { database } = bench.system.container;
  await database.query("UPDATE meter SET stripe_transport = 'USAGE_RECORDS' WHERE key = 'calls'");
  bench.system.clock.set(Date.parse("2026-06-16T10:00:00Z"));
  const customer = await legacyCustomer();
  await database.query("UPDATE plan_subscription SET starts_at = $2, anchor_at = $2 WHERE customer_id = $1", [
    customer.customerId,
    new Date(bench.system.clock.now()),
  ]);
  const path = "/v1/subscription_items/";
  bench.sandbox.faults.add({ effect: { kind: "drop" }, path, method: "POST", rate: 1, left: 2 });
  await tell(customer, "5");
  await tell(customer, "6");
  await tell(customer, "7");
  const rows = await parity.sheet(customer.customerId, null);
  expect(rows?.map((row) => row.countedByRecords?.eq(decimal("18")))).toEqual([true]);
});

test("who does not move can be neither cut over nor rolled back", async () => {
  const { customerId } = await bench.linkedCustomer();
  expect(await moving.cutOver(null, customerId)).toEqual({ ok: false, code: "NOT_MOVING" });
  expect(await moving.rollBack(null, customerId)).toEqual({ ok: false, code: "NOT_MOVING" });
  expect(await moving.shadow(null, "00000000-0000-4000-8000-000000000000", "EVENTS")).toEqual({
    ok: false,
    code: "UNKNOWN_CUSTOMER",
  });
});
