import { decimal, formatDecimal, summaryValue } from "@meterline/billing-domain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selectProfiles } from "../catalog/index.ts";
import { rebuildPeriodTotals } from "../usage/index.ts";
import { recutReports } from "./recut-reports.ts";
import { type ReportingBench, startReporting } from "./reporting.testing.ts";

const DAY = 86_400_000;
let bench: ReportingBench;
beforeAll(async () => {
  bench = await startReporting();
});
afterAll(() => bench.close());

/** What Stripe counts of calls by timestamp in a stretch of time. */
async function countedIn(stripeCustomerId: string, startAt: number, endAt: number): Promise<string> {
  await bench.sandbox.process();
  const { data: meters } = await bench.gateway.stripe.billing.meters.list({ limit: 100 });
  const id = meters.find((meter) => meter.event_name === "calls")?.id ?? "";
  const page = await bench.gateway.stripe.billing.meters.listEventSummaries(id, {
    customer: stripeCustomerId,
    start_time: startAt / 1000,
    end_time: endAt / 1000,
  });
  return formatDecimal(summaryValue(page.data[0]?.aggregated_value ?? 0).value);
}

test("a plan that is changed backwards: what Stripe counts in each new period is what was used in it", async () => {
  const { clock, container } = bench.system;
  const customer = await bench.linkedCustomer();
  const tell = async (quantity: string) => {
    await bench.use(customer.customerId, quantity);
    await bench.planner.planDue();
    await bench.newSender().drain();
  };
  const start = Date.parse("2026-03-01T00:00:00Z");
  await tell("5");
  clock.advance(2 * DAY);
  await tell("7");
  clock.advance(2 * DAY);
  // An hour's usage that is not told yet, then a change as of two and a half days ago.
  await bench.use(customer.customerId, "11");
  const cutAt = clock.now() - 2.5 * DAY;
  await container.database.transaction(async (transaction) => {
    await transaction.query("UPDATE plan_subscription SET ends_at = $2 WHERE customer_id = $1", [
      customer.customerId,
      new Date(cutAt),
    ]);
    await transaction.query(
      `INSERT INTO plan_subscription (customer_id, id, plan_version_id, starts_at, anchor_at, created_at)
       SELECT customer_id, gen_random_uuid(), plan_version_id, $2, $2, now() FROM plan_subscription
       WHERE customer_id = $1`,
      [customer.customerId, new Date(cutAt)],
    );
    await transaction.query("UPDATE customer SET billing_version = billing_version + 1 WHERE id = $1", [
      customer.customerId,
    ]);

    const [profile] = await selectProfiles(transaction, { ids: [customer.customerId], externalIds: [] });
    const terms = profile?.subscriptions ?? [];
    await rebuildPeriodTotals(transaction, customer.customerId, terms);
    await recutReports(transaction, customer.customerId, terms, clock.now());
  });
  container.profiles.forget(customer.customerId);
  await bench.planner.planDue();
  await bench.newSender().drain();
  clock.advance(5_000);
  // 5 before the cut; 7 and 11 after it, of which 7 was told before it was known that there would be a cut.
  expect(await countedIn(customer.stripeCustomerId, start, cutAt)).toBe("5");
  expect(await countedIn(customer.stripeCustomerId, cutAt, cutAt + 20 * DAY)).toBe("18");
  const told = async (periodStartAt: number) =>
    (await bench.reporting.toldTotals(container.database, customer.customerId, periodStartAt)).map((one) => [
      formatDecimal(one.told),
      formatDecimal(one.planned),
    ]);
  expect([await told(start), await told(cutAt)]).toEqual([[["5", "5"]], [["18", "18"]]]);
  expect(await bench.planner.planDue()).toMatchObject({ planned: 0 });
  const [line] = await container.database.query<{ meter_id: string }>(
    "SELECT id AS meter_id FROM meter WHERE key = 'calls'",
  );
  const of = { customerId: customer.customerId, meterId: line?.meter_id ?? "", channel: "EVENTS" as const };
  expect(await bench.reporting.settled({ ...of, periodStartAt: cutAt, counted: decimal("18") })).toBe("CONFIRMED");
  await tell("2");
  clock.advance(5_000);
  expect(await countedIn(customer.stripeCustomerId, cutAt, cutAt + 20 * DAY)).toBe("20");
});
