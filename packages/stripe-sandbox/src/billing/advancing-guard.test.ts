import { expect, test } from "vitest";
import { DAY_S, refusal, START_S, testSandbox } from "../testing/start.ts";

test("while a test clock advances, its objects refuse changes with 429 and usage is still taken", async () => {
  const { sandbox, stripe } = await testSandbox();
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START_S });
  const { id: customer } = await stripe.customers.create({ test_clock: clock.id });
  const other = await stripe.customers.create();
  await stripe.billing.meters.create({
    display_name: "Requests",
    event_name: "requests",
    default_aggregation: { formula: "sum" },
  });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START_S + DAY_S });

  const refused = await refusal(stripe.customers.update(customer, { name: "Changed (demo)" }));
  expect([refused.statusCode, refused.message]).toEqual([
    429,
    `Test clock advancement underway - cannot perform modifications: ${clock.id}`,
  ]);
  expect((await refusal(stripe.invoices.create({ customer }))).statusCode).toBe(429);
  await stripe.customers.update(other.id, { name: "Not on the clock (demo)" });
  const payload = { stripe_customer_id: customer, value: "1" };
  await stripe.billing.meterEvents.create({ event_name: "requests", payload });
  expect((await stripe.customers.retrieve(customer)).id).toBe(customer);

  sandbox.clock.advance(1_000);
  await sandbox.process();
  const changed = await stripe.customers.update(customer, { name: "Changed (demo)" });
  expect(changed.name).toBe("Changed (demo)");
});
