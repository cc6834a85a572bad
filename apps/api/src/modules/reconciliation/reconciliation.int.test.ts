import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Viewer } from "../../platform/auth/index.ts";
import { testCatalog } from "../../testing/test-catalog.ts";
import { newCustomer, usageItem } from "../../testing/test-system.ts";
import { type PeriodEndBench, type StripeCustomer, startPeriodEnds } from "../statements/period-end.testing.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const hour = 3_600_000;

let bench: PeriodEndBench;
beforeAll(async () => {
  bench = await startPeriodEnds();
});
afterEach(() => bench.sandbox.faults.clear());
afterAll(() => bench?.stop());

const reconciliation = () => bench.container.closing.reconciliation;

async function reconcile(customer: StripeCustomer, repair = true) {
  const run = await reconciliation().start(staff, { customerId: customer.customerId, repair });
  await reconciliation().work.drain();
  return reconciliation().run(run.id);
}
const findings = async (customer: StripeCustomer) => {
  const { nodes } = (await bench
    .ask(
      `query ($customerId: ID) { discrepancies(customerId: $customerId, unsettled: false) { nodes {
       id kind subject expectedUnits actualUnits units amount { amountMinor } state } } }`,
      { variables: { customerId: customer.customerId }, headers: await staffHeaders() },
    )
    .then((answer) => answer.data?.["discrepancies"])) as { nodes: Record<string, unknown>[] };
  const inOrder = nodes.toSorted((left, right) => String(left["kind"]).localeCompare(String(right["kind"])));
  return inOrder.map((node) => [
    node["kind"],
    node["expectedUnits"],
    node["actualUnits"],
    (node["amount"] as { amountMinor: string } | null)?.amountMinor ?? null,
    node["state"],
  ]);
};

let cookie: string | undefined;
async function staffHeaders() {
  cookie ??= await bench.signInStaff("reconciler@example.com");
  return { cookie, "x-meterline-app": "admin" };
}

const damage = (sql: string, customer: StripeCustomer) => bench.container.database.query(sql, [customer.customerId]);

describe("a reconciliation", () => {
  it("finds nothing where every number is the same, for every aggregation", async () => {
    const customer = await bench.subscribe();
    for (const meterKey of ["calls", "events", "peak", "latest", "seats"]) await bench.use(customer, "3", { meterKey });
    const user = usageItem({
      customerId: customer.customerId,
      meterKey: "users",
      properties: { user: "u1" },
      occurredAt: new Date(bench.clock.now()).toISOString(),
    });
    await bench.container.ingestion.record([user], { mayBackfill: false });
    await bench.work();
    bench.clock.advance(2 * hour);
    expect(await reconcile(customer)).toMatchObject({
      state: "DONE",
      customersChecked: 1,
      customersFailed: 0,
      // Of six meters, and of three lines of the preview: calls, seats and the coming fee.
      numbersChecked: 9,
      found: 0,
    });
  });

  it("counts anew what differs from the events, to the unit and the cent", async () => {
    const customer = await bench.subscribe();
    // Past the window that the period's start cuts, of which rollups are not read.
    bench.clock.advance(hour);
    await bench.use(customer, "1200");
    await bench.work();
    await damage("UPDATE usage_rollup SET quantity_sum = quantity_sum - 2 WHERE customer_id = $1", customer);
    await damage(
      "UPDATE usage_period_total SET quantity_sum = quantity_sum + 100 WHERE customer_id = $1 AND dimension_key = ''",
      customer,
    );
    expect(await reconcile(customer, false)).toMatchObject({ found: 2, repaired: 0, tickets: 0 });
    // 1,100 calls are past the allowance: 10.00 and 0.50. A hundred more are half a cent each.
    expect(await findings(customer)).toEqual([
      ["PERIOD_TOTAL", "1200", "1300", "50", "OPEN"],
      ["ROLLUP", "1200", "1198", "-1", "OPEN"],
    ]);
    expect(await reconcile(customer)).toMatchObject({ found: 2, repaired: 2 });
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
    expect((await findings(customer)).map((row) => row.at(-1))).toEqual(["REPAIRED", "REPAIRED"]);
  });

  it("a difference that a total alone does not price is rated both ways, to the cent", async () => {
    const { container } = bench;
    const byModel = { meterKey: "calls", model: "MATRIX", properties: ["model"], defaultUnitPrice: "0.01" };
    const plan = {
      key: "matrix",
      name: "Matrix",
      currency: "USD",
      baseAmount: "0",
      interval: "MONTH",
      intervalCount: 1,
    };
    const cells = [{ values: ["large"], unitPrice: "0.10" }];
    const catalog = { ...testCatalog, plans: [...testCatalog.plans, { ...plan, rateCards: [{ ...byModel, cells }] }] };
    await container.catalog.apply(null, catalog, (await container.catalog.difference(catalog)).digest);
    const customerId = await newCustomer(bench, { planKey: "matrix" });
    const of = { customerId, occurredAt: new Date(bench.clock.now() - 3 * hour).toISOString() };
    await container.ingestion.record(
      [usageItem({ ...of, quantity: "30", properties: { model: "large" } }), usageItem({ ...of, quantity: "100" })],
      { mayBackfill: false },
    );
    const customer = { customerId } as StripeCustomer;
    await damage(
      "UPDATE usage_period_total SET quantity_sum = quantity_sum + 20 WHERE customer_id = $1 AND quantity_sum IN (30, 130)",
      customer,
    );
    // Twenty large ones at ten cents.
    expect(await reconcile(customer, false)).toMatchObject({ found: 1, repaired: 0 });
    expect(await findings(customer)).toEqual([["PERIOD_TOTAL", "130", "150", "200", "OPEN"]]);
    expect(await reconcile(customer)).toMatchObject({ found: 1, repaired: 1 });
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
  });

  it("and where what is stored cannot be rated at all, nobody can say what it comes to until it is repaired", async () => {
    const customerId = await newCustomer(bench, { planKey: "matrix" });
    const occurredAt = new Date(bench.clock.now() - 3 * hour).toISOString();
    await bench.container.ingestion.record([usageItem({ customerId, occurredAt, quantity: "30" })], {
      mayBackfill: false,
    });
    const customer = { customerId } as StripeCustomer;
    await damage(
      "UPDATE usage_period_total SET quantity_sum = quantity_sum + 20 WHERE customer_id = $1 AND dimension_key = ''",
      customer,
    );
    expect(await reconcile(customer)).toMatchObject({ found: 1, repaired: 1, customersFailed: 0 });
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
    expect(await findings(customer)).toEqual([["PERIOD_TOTAL", "30", "50", null, "REPAIRED"]]);
  });

  it("a frozen period whose totals were wrong is billed the difference late", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "1200");
    await bench.work();
    await damage(
      "UPDATE usage_period_total SET quantity_sum = quantity_sum - 100 WHERE customer_id = $1 AND dimension_key = ''",
      customer,
    );
    await bench.closePeriod(customer.endAt);
    expect(await reconcile(customer)).toMatchObject({ found: 1, repaired: 1 });
    const { profiles, consumption } = bench.container;
    const [profile] = await profiles.find([{ customerId: customer.customerId, externalCustomerId: null }]);
    if (!profile) throw new Error("the customer is there");
    const view = await consumption.consumption(staff, profile, bench.clock.now());
    expect(view.lateLines.map((line) => [line.meterKey, line.amount.amountMinor])).toEqual([["calls", 50n]]);
  });

  it("Stripe lost a report that it had accepted: it is told again while that reaches the invoice", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "1200");
    await bench.work();
    const [report] = await bench.container.database.query<{ event_at: Date }>(
      "SELECT event_at FROM meter_report WHERE customer_id = $1",
      [customer.customerId],
    );
    // As if Stripe had taken it and not counted it: a second event takes the units back.
    await bench.stripe.billing.meterEvents.create({
      event_name: "calls",
      payload: { stripe_customer_id: customer.stripeCustomerId, value: "-1200" },
      timestamp: (report?.event_at.getTime() ?? 0) / 1_000,
    });
    bench.clock.advance(2 * hour);
    await bench.work();
    expect(await reconcile(customer)).toMatchObject({ found: 1, repaired: 1, tickets: 0 });
    expect(await findings(customer)).toEqual([["STRIPE_SUMMARY", "1200", "0", "-1050", "REPAIRED"]]);
    await bench.work();
    bench.clock.advance(2 * hour);
    await bench.work();
    expect(await reconcile(customer)).toMatchObject({ found: 0 });
  });

  it("after the invoice is final it is a ticket, which staff settle with a reason", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "1200");
    await bench.closePeriod(customer.endAt);
    await bench.stripe.billing.meterEvents.create({
      event_name: "calls",
      payload: { stripe_customer_id: customer.stripeCustomerId, value: "5" },
      timestamp: customer.endAt / 1_000 - 10,
    });
    bench.clock.advance(2 * hour);
    await bench.work();
    expect(await reconcile(customer)).toMatchObject({ found: 1, repaired: 0, tickets: 1 });
    const [open] = (await bench.tickets(customer)).filter((one) => one.state === "TICKET");
    expect(open).toMatchObject({ kind: "STRIPE_SUMMARY", amount: "3" });
    const [row] = await bench.container.database.query<{ id: string }>(
      "SELECT id FROM discrepancy WHERE customer_id = $1",
      [customer.customerId],
    );
    const resolve =
      "mutation ($id: ID!, $reason: String!) { resolveDiscrepancy(id: $id, reason: $reason) { state reason } }";
    const asked = { variables: { id: row?.id, reason: " A test of Stripe's. " }, headers: await staffHeaders() };
    expect((await bench.ask(resolve, asked)).data?.["resolveDiscrepancy"]).toEqual({
      state: "RESOLVED",
      reason: "A test of Stripe's.",
    });
    expect((await bench.ask(resolve, asked)).code).toBe("CONFLICT");
  });

  it("late usage of a customer whose plan has ended is a ticket", async () => {
    const customer = await bench.subscribe();
    await bench.use(customer, "200");
    await bench.endPlan(customer);
    await bench.closePeriod(customer.endAt);
    expect((await bench.statements(customer)).map((one) => one.state)).toEqual(["FINAL", "FINAL"]);
    await bench.use(customer, "50", { occurredAt: customer.endAt - hour });
    expect(await reconcile(customer)).toMatchObject({ found: 1, tickets: 1 });
    expect((await findings(customer))[0]).toEqual(["LATE_USAGE", "250", "200", "-50", "TICKET"]);
  });

  it("the scheduled run goes over every customer, within the read allowance", async () => {
    const before = await bench.gateway.reads.used(bench.container.database);
    await reconciliation().startScheduled();
    await reconciliation().startScheduled();
    await reconciliation().work.drain();
    const runs = (
      await bench.ask("{ reconciliationRuns(first: 50) { kind state customersChecked customersFailed unread } }", {
        headers: await staffHeaders(),
      })
    ).data?.["reconciliationRuns"] as { kind: string; customersChecked: number; customersFailed: number }[];
    const scheduled = runs.filter((run) => run.kind === "SCHEDULED");
    expect(scheduled).toMatchObject([{ state: "DONE", customersChecked: 8, customersFailed: 0 }]);
    const spent = (await bench.gateway.reads.used(bench.container.database)) - before;
    // At most one read for each meter, customer and period that was told.
    expect(spent).toBeLessThanOrEqual(6 * 3 * 3);
  });

  it("members and keys see none of it", async () => {
    const key = await bench.makeKey("usage:read", "customers:write");
    expect((await bench.ask("{ discrepancies { nodes { id } } }", { key })).code).toBe("FORBIDDEN");
    expect((await bench.ask("mutation { startReconciliation { id } }", { key })).code).toBe("FORBIDDEN");
  });

  it("counts anew what limits were decided by, and says so to whoever remembers it", async () => {
    const { limiting, nudges, profiles } = bench.container;
    const customer = await bench.subscribe();
    const { customerId } = customer;
    const limit = { policy: "HARD", meterKey: "calls", period: "LIFETIME", quantity: "5000" };
    await limiting.limits.set(null, customerId, limit);
    await bench.use(customer, "1200");
    await damage("UPDATE limit_counter SET used = used + 100 WHERE customer_id = $1", customer);
    await damage("UPDATE usage_period_total SET quantity_sum = quantity_sum + 100 WHERE customer_id = $1", customer);
    const used = async () => {
      const [profile] = await profiles.find([{ customerId, externalCustomerId: null }]);
      if (!profile) throw new Error("the customer is there");
      return (await limiting.reader.check(profile, { meterKey: "calls", quantity: "0", properties: null })).used;
    };
    expect(await used()).toBe("1300");
    const told: string[] = [];
    const stop = nudges.listen((ids) => void told.push(...ids));
    await reconcile(customer);
    stop();
    expect(told).toContain(customerId);
    expect(await used()).toBe("1200");
  });
});
