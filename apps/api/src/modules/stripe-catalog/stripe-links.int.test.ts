import { afterAll, beforeAll, expect, test } from "vitest";
import { newCustomer, startTestSystem, type TestSystem } from "../../testing/test-system.ts";
import { customerOfStripe, itemOfMeter, ratedBy, stripeLinks, subscriptionsOfStripe } from "./index.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system?.close());

test("links: what Stripe has an item for is priced there, the rest by Meterline; strangers are left out", async () => {
  const { database } = system.container;
  const customerId = await newCustomer(system, { planKey: "standard" });
  const stranger = await newCustomer(system, { planKey: "standard" });
  await database.query("INSERT INTO stripe_customer VALUES ($1, 'cus_1', NULL, false, NULL, '2026-03-01Z')", [
    customerId,
  ]);
  const [own] = await database.query<{ id: string }>("SELECT id FROM plan_subscription WHERE customer_id = $1", [
    customerId,
  ]);
  const items = JSON.stringify([
    { itemId: "si_base", priceId: "price_base", meterKey: null },
    { itemId: "si_calls", priceId: "price_calls", meterKey: "calls" },
  ]);
  await database.query(
    `INSERT INTO stripe_subscription VALUES ($1, $2, 'sub_1', 'active', '2026-03-01Z', NULL, NULL, $3, now(), now())`,
    [customerId, own?.id, items],
  );
  const links = await stripeLinks(database, [customerId, stranger]);
  expect([...links.customers.keys()]).toEqual([customerId]);
  const [subscription] = links.customers.get(customerId)?.subscriptions ?? [];
  if (subscription === undefined) throw new Error("the subscription is linked");
  expect(subscription).toMatchObject({
    stripeSubscriptionId: "sub_1",
    startsAt: Date.parse("2026-03-01T00:00:00Z"),
    cancelAt: null,
    endedAt: null,
  });
  expect(itemOfMeter(subscription, "calls")?.itemId).toBe("si_calls");
  expect([ratedBy(subscription, "calls"), ratedBy(subscription, "peak")]).toEqual(["STRIPE", "METERLINE"]);
  expect(await customerOfStripe(database, "cus_1")).toBe(customerId);
  expect(await customerOfStripe(database, "cus_2")).toBeNull();
  expect(await subscriptionsOfStripe(database, "sub_1")).toEqual([{ customerId, planSubscriptionId: own?.id }]);
  const member = await database.asMember(stranger, (sql) => stripeLinks(sql, [customerId, stranger]));
  expect(member.customers.size).toBe(0);
});

test("a meter that was not applied to Stripe yet goes by its key and Stripe's own payload keys", async () => {
  const { meters } = await stripeLinks(system.container.database, []);
  expect(meters.get("calls")).toMatchObject({
    transport: "V1",
    stripeMeterId: null,
    eventName: "calls",
    formula: "sum",
    customerKey: "stripe_customer_id",
    valueKey: "value",
    active: false,
  });
});
