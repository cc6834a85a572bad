import { decimal, reportKeyOf } from "@meterline/billing-domain";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { AuditLog } from "../../platform/audit/index.ts";
import { createLogger } from "../../platform/observability/index.ts";
import { catalogRoutes } from "./catalog-routes.ts";
import { DeadLetterService } from "./dead-letter.service.ts";
import { ErrorReportService } from "./error-report.service.ts";
import { reportIdentifiers } from "./identifiers.testing.ts";
import { type ReportingBench, startReporting } from "./reporting.testing.ts";
import { UncertainSettler } from "./uncertain-settler.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
let bench: ReportingBench;
let settler: UncertainSettler;
let errorReports: ErrorReportService;
let deadLetters: DeadLetterService;
beforeAll(async () => {
  // The stream checks nothing at once, so that what is wrong with an event comes in a report.
  bench = await startReporting({ sandbox: { errorSamples: 1 } });
  const { database } = bench.system.container;
  const { clock } = bench.system;
  const parts = { database, clock, gateway: bench.gateway, routes: catalogRoutes };
  settler = new UncertainSettler({ ...parts, logger: createLogger("silent") });
  errorReports = new ErrorReportService(parts);
  deadLetters = new DeadLetterService({ database, clock, audit: new AuditLog(clock) });
});
afterEach(() => bench.sandbox.faults.clear());
afterAll(() => bench.close());

const states = async (customerId: string) => {
  const rows = await bench.system.container.database.query<{ state: string; delta: string; kind: string }>(
    "SELECT state, kind, trim_scale(delta)::text AS delta FROM meter_report WHERE customer_id = $1 ORDER BY sequence",
    [customerId],
  );
  return rows.map((row) => `${row.delta} ${row.kind} ${row.state}`);
};
const identifiers = (customerId: string, state: string) =>
  reportIdentifiers(bench.system.container.database, customerId, state);
const usedByNew = async (...quantities: string[]) => {
  const customer = await bench.linkedCustomer();
  for (const quantity of quantities) await use(customer.customerId, quantity);
  return customer;
};
const use = async (customerId: string, quantity: string) => {
  await bench.use(customerId, quantity);
  await bench.planner.planDue();
};
const later = (ms: number) => bench.system.clock.advance(ms);
const asStream = () =>
  bench.system.container.database.query("UPDATE meter_report SET transport = 'STREAM' WHERE state = 'PENDING'");
const losing = (effect: "drop" | "refuse") =>
  bench.sandbox.faults.add({
    effect: { kind: effect },
    path: "/v1/billing/meter_events",
    method: null,
    rate: 1,
    left: null,
  });
/** Sends once into the void, and comes back when repeating is not safe any more. */
const lost = async (effect: "drop" | "refuse") => {
  losing(effect);
  await bench.newSender().drain();
  bench.sandbox.faults.clear();
  later(23 * HOUR);
  await bench.newSender().drain();
};
const settleTwice = async () => {
  later(10 * MINUTE);
  await bench.sandbox.process();
  await settler.run();
  later(10 * MINUTE);
  await settler.run();
};

describe("a report that may have been counted more than 23 hours ago", () => {
  test("is not sent again; found in the summary, it is accepted", async () => {
    const customer = await usedByNew("3");
    await lost("drop");
    expect(await states(customer.customerId)).toEqual(["3 USAGE UNCERTAIN"]);
    later(5_000);
    await bench.sandbox.process();
    await settler.run();
    expect(await states(customer.customerId)).toEqual(["3 USAGE ACCEPTED"]);
    expect(await bench.counted(customer)).toBe("3");
  });

  test("is told under a new name once the summary has lacked it twice", async () => {
    const customer = await usedByNew("3");
    await lost("refuse");
    expect(await states(customer.customerId)).toEqual(["3 USAGE UNCERTAIN"]);
    later(10 * MINUTE);
    await settler.run();
    expect(await states(customer.customerId)).toEqual(["3 USAGE UNCERTAIN"]);
    later(10 * MINUTE);
    await settler.run();
    expect(await states(customer.customerId)).toEqual(["3 USAGE NOT_COUNTED", "3 REPAIR PENDING"]);
    await bench.newSender().drain();
    later(5_000);
    expect(await bench.counted(customer)).toBe("3");
    expect(await bench.planner.planDue()).toMatchObject({ planned: 0 });
  });

  test("of a deleted customer costs no reads: there is no summary of it, and nobody to tell", async () => {
    const { database } = bench.system.container;
    const customer = await usedByNew("3");
    await lost("drop");
    await bench.gateway.stripe.customers.del(customer.stripeCustomerId);
    await database.query("UPDATE stripe_customer SET deleted_at = now() WHERE customer_id = $1", [customer.customerId]);
    const before = await bench.gateway.reads.used(database);
    for (let hours = 0; hours < 3; hours += 1) {
      later(HOUR + MINUTE);
      await settler.run();
    }
    expect(await bench.gateway.reads.used(database)).toBe(before);
    expect(await states(customer.customerId)).toEqual(["3 USAGE UNCERTAIN"]);
  });

  test("that no choice explains is left to a person, who decides", async () => {
    const customer = await usedByNew("3");
    await lost("refuse");
    // A stranger's event at the same minute.
    const [row] = await bench.system.container.database.query<{ event_at: Date }>(
      "SELECT event_at FROM meter_report WHERE customer_id = $1",
      [customer.customerId],
    );
    await bench.gateway.stripe.billing.meterEvents.create({
      event_name: "calls",
      payload: { stripe_customer_id: customer.stripeCustomerId, value: "1" },
      timestamp: (row?.event_at.getTime() ?? 0) / 1000,
    });
    await settleTwice();
    await settleTwice();
    expect(await states(customer.customerId)).toEqual(["3 USAGE UNCERTAIN"]);
    const [identifier = ""] = await identifiers(customer.customerId, "UNCERTAIN");
    const decision = { identifier, wasCounted: false, reason: "looked it up" };
    expect(await deadLetters.decide(null, decision)).toEqual({ ok: true });
    expect(await deadLetters.decide(null, decision)).toEqual({ ok: false, code: "NOT_UNCERTAIN" });
    await bench.newSender().drain();
    later(5_000);
    expect(await bench.counted(customer)).toBe("4");
    // The stranger's unit is found by a reconciliation, written down, and planned away.
    const line = { customerId: customer.customerId, ...(reportKeyOf(identifier) ?? { meterId: "", periodStartAt: 0 }) };
    const total = { ...line, channel: "EVENTS" as const, counted: decimal("4") };
    expect((await bench.reporting.repair({ ...total, reason: "a stranger's" })).outcome).toBe("REPAIRED");
    await bench.newSender().drain();
    later(5_000);
    expect(await bench.counted(customer)).toBe("3");
    expect(await states(customer.customerId)).toEqual([
      "3 USAGE NOT_COUNTED",
      "3 REPAIR ACCEPTED",
      "1 FOUND CONFIRMED",
      "-1 USAGE ACCEPTED",
    ]);
  });
});

describe("error reports", () => {
  const reportOf = async () => {
    later(15_000);
    await bench.sandbox.process();
    const [event] = (await bench.gateway.stripe.v2.core.events.list()).data;
    if (event === undefined) throw new Error("Stripe has sent no error report");
    return event.id;
  };

  test("refuse the report they name, put in doubt what they may mean, and the summary tells which", async () => {
    later(HOUR);
    const fine = await usedByNew("2");
    const gone = await usedByNew("5", "6");
    await asStream();
    // Deleted after the call and before Stripe looks at it.
    await bench.newSender().drain();
    await bench.gateway.stripe.customers.del(gone.stripeCustomerId);
    const eventId = await reportOf();
    expect(await errorReports.take(eventId)).toMatchObject({ refused: 1, replaced: 0, uncertain: 2 });
    // The same again changes nothing.
    expect(await errorReports.take(eventId)).toMatchObject({ refused: 0, replaced: 0, uncertain: 0 });
    expect((await states(gone.customerId)).toSorted()).toEqual(["5 USAGE REFUSED", "6 USAGE UNCERTAIN"]);
    expect(await states(fine.customerId)).toEqual(["2 USAGE UNCERTAIN"]);
    await settler.run();
    expect(await states(fine.customerId)).toEqual(["2 USAGE ACCEPTED"]);
    // Stripe answers nothing about a customer that it deleted.
    expect(await states(gone.customerId)).toContain("6 USAGE UNCERTAIN");
  });

  test("a dead letter is replayed once, under a new name", async () => {
    const customer = await usedByNew("7");
    const { database } = bench.system.container;
    await database.query("UPDATE stripe_customer SET deleted_at = now() WHERE customer_id = $1", [customer.customerId]);
    await bench.newSender().drain();
    expect(await states(customer.customerId)).toEqual(["7 USAGE DEAD"]);
    await database.query("UPDATE stripe_customer SET deleted_at = NULL WHERE customer_id = $1", [customer.customerId]);
    const dead = await identifiers(customer.customerId, "DEAD");
    expect(await deadLetters.replay(null, [...dead, ...dead])).toEqual({ replayed: 1, tooOld: 0 });
    const all = { code: null, meterId: null, customerId: customer.customerId, limit: 100 };
    expect(await deadLetters.replayAll(null, all)).toEqual({ replayed: 0, tooOld: 0 });
    await bench.newSender().drain();
    later(5_000);
    expect(await bench.counted(customer)).toBe("7");
    expect(await states(customer.customerId)).toEqual(["7 USAGE DEAD", "7 REPAIR ACCEPTED"]);
  });
});

describe("corrections", () => {
  const voided = async (customerId: string, quantity: string) => {
    const { database } = bench.system.container;
    const [event] = await database.query<{ id: string }>(
      "SELECT id FROM usage_event WHERE customer_id = $1 AND quantity = $2 AND kind = 'USAGE'",
      [customerId, quantity],
    );
    const request = { customerId, eventId: event?.id ?? "", reason: "wrong", idempotencyKey: `void ${event?.id}` };
    await bench.system.container.voids.voidEvent(request);
    await bench.planner.planDue();
  };

  test("a voided event that was one report is cancelled by name", async () => {
    const customer = await usedByNew("4", "9");
    await bench.newSender().drain();
    later(MINUTE);
    await voided(customer.customerId, "9");
    expect(await states(customer.customerId)).toEqual(["4 USAGE ACCEPTED", "9 USAGE ACCEPTED", "-9 CANCEL PENDING"]);
    await bench.newSender().drain();
    expect(await bench.counted(customer)).toBe("4");
  });

  test("a cancellation that Stripe does not take becomes a negative value", async () => {
    const customer = await usedByNew("9");
    await bench.newSender().drain();
    later(MINUTE);
    await bench.sandbox.process();
    const [identifier = ""] = await identifiers(customer.customerId, "ACCEPTED");
    await voided(customer.customerId, "9");
    // Somebody was faster, in Stripe's dashboard, and reported it anew.
    const cancelled = { event_name: "calls", type: "cancel" as const, cancel: { identifier } };
    await bench.gateway.stripe.billing.meterEventAdjustments.create(cancelled);
    await bench.newSender().drain();
    expect(await states(customer.customerId)).toEqual([
      "9 USAGE ACCEPTED",
      "-9 CANCEL NOT_COUNTED",
      "-9 REPAIR ACCEPTED",
    ]);
    later(5_000);
    expect(await bench.counted(customer)).toBe("-9");
    // What nobody told us of is found by holding Stripe's total against what it was told.
    const key = reportKeyOf(identifier);
    if (key === null) throw new Error("an identifier of ours");
    const line = { ...key, counted: decimal("-9") };
    expect(await bench.reporting.settled(line)).toBe("DIFFERENT");
    expect(await bench.reporting.repair({ ...line, reason: "cancelled in the dashboard" })).toMatchObject({
      outcome: "REPAIRED",
    });
    await bench.newSender().drain();
    later(5_000);
    expect(await bench.counted(customer)).toBe("0");
    expect(await bench.reporting.settled({ ...key, counted: decimal("0") })).toBe("CONFIRMED");
    expect((await bench.reporting.flushPeriod(customer.customerId, key.periodStartAt)).isFlushed).toBe(true);
  });

  test("past 23 hours a negative value is told", async () => {
    const customer = await usedByNew("4", "9");
    await bench.newSender().drain();
    later(23 * HOUR);
    await voided(customer.customerId, "9");
    expect((await states(customer.customerId)).at(-1)).toBe("-9 USAGE PENDING");
    await bench.newSender().drain();
    later(5_000);
    expect(await bench.counted(customer)).toBe("4");
  });
});
