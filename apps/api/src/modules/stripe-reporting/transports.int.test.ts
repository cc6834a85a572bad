import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReportingBench, startReporting } from "./reporting.testing.ts";

const paths = {
  V1: "/v1/billing/meter_events",
  V2: "/v2/billing/meter_events",
  STREAM: "/v2/billing/meter_event_stream",
};

describe.each(["V1", "V2", "STREAM"] as const)("by %s", (transport) => {
  let bench: ReportingBench;
  beforeAll(async () => {
    bench = await startReporting({ transport, timeoutMs: 1_000 });
  });
  afterAll(() => bench.close());
  const told = async (quantities: readonly string[]) => {
    const customers = [];
    for (const quantity of quantities) {
      const customer = await bench.linkedCustomer();
      await bench.use(customer.customerId, quantity);
      customers.push({ ...customer, quantity });
    }
    await bench.planner.planDue();
    return customers;
  };
  const drainFor = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await bench.newSender().drain();
      bench.system.clock.advance(60_000);
    }
  };

  test.each(["drop", "refuse", "fail_after"] as const)("%s, twice: each is counted once", async (kind) => {
    const customers = await told(["1.5", "2", "0.5"]);
    const fault = { effect: { kind }, path: paths[transport], method: null, rate: 1, left: 2 };
    bench.sandbox.faults.add(fault);
    await drainFor(5);
    for (const customer of customers) expect(await bench.counted(customer)).toBe(customer.quantity);
  });

  // The stream says so only in an error report.
  const testCall = transport === "STREAM" ? null : test;
  testCall?.("ten minutes ahead of Stripe: told once its clock has caught up", async () => {
    const [customer] = await told(["4"]);
    if (customer === undefined) throw new Error("a customer was made");
    await bench.system.container.database.query(
      "UPDATE meter_report SET event_at = event_at + interval '10 minutes' WHERE customer_id = $1",
      [customer.customerId],
    );
    await drainFor(8);
    expect(await bench.counted(customer)).toBe("4");
  });

  const testStream = transport === "STREAM" ? test : null;
  testStream?.("a session that has ended is renewed within the call", async () => {
    const sender = bench.newSender();
    const [first] = await told(["1"]);
    await sender.drain();
    bench.system.clock.advance(15 * 60_000);
    const [second] = await told(["2"]);
    await sender.drain();
    bench.system.clock.advance(5_000);
    for (const customer of [first, second]) {
      if (customer === undefined) throw new Error("a customer was made");
      expect(await bench.counted(customer)).toBe(customer.quantity);
    }
  });
});
