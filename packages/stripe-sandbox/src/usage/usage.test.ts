import Stripe from "stripe";
import { expect, test, vi } from "vitest";
import type { Sandbox } from "../index.ts";
import { clientOf, DAY_S, refusal, START_S, testSandbox } from "../testing/start.ts";

const HOUR_MS = 3_600_000;

async function setUp(settings: Parameters<typeof testSandbox>[0] = {}, meterFields = {}) {
  const { sandbox, stripe } = await testSandbox(settings);
  const { id: customer } = await stripe.customers.create();
  const meter = await stripe.billing.meters.create({
    display_name: "Requests",
    event_name: "requests",
    default_aggregation: { formula: "sum" },
    ...meterFields,
  });
  const send = (value: string, more: { identifier?: string; timestamp?: number; customer?: string } = {}) => {
    const { customer: other, ...rest } = more;
    const payload = { stripe_customer_id: other ?? customer, value };
    return stripe.billing.meterEvents.create({ event_name: "requests", payload, ...rest });
  };
  const total = () => totalOf(stripe, meter.id, customer);
  return { sandbox, stripe, customer, meter, send, total };
}

/** What the summaries of the 40 days around the start say in all; null when they say nothing. */
async function totalOf(stripe: Stripe, meter: string, customer: string): Promise<number | null> {
  const window = { start_time: START_S - 38 * DAY_S, end_time: START_S + 2 * DAY_S };
  const page = await stripe.billing.meters.listEventSummaries(meter, { customer, ...window });
  return page.data[0]?.aggregated_value ?? null;
}

async function settle(sandbox: Sandbox, ms = 2_000): Promise<void> {
  sandbox.clock.advance(ms);
  await sandbox.process();
}

test("an event is accepted at once and counted only after the lag", async () => {
  const { sandbox, send, total } = await setUp();
  const event = await send("12.5");
  expect([event.object, event.timestamp]).toEqual(["billing.meter_event", START_S]);
  await settle(sandbox, 1_999);
  expect(await total()).toBeNull();
  await settle(sandbox, 1);
  expect(await total()).toBe(12.5);
});

test("with a tick the work is done by itself", async () => {
  const { send, total } = await setUp({ tickMs: 5, lagMs: 0 });
  await send("1");
  await vi.waitFor(async () => expect(await total()).toBe(1), { timeout: 10_000, interval: 5 });
});

test("a known identifier is a 400 with Stripe's text for 24 hours, and then it counts again", async () => {
  const { sandbox, send, total } = await setUp();
  await send("1", { identifier: "e1" });
  const error = await refusal(send("1", { identifier: "e1" }));
  expect([error.statusCode, error.code, error.message]).toEqual([
    400,
    undefined,
    "An event already exists with identifier e1.",
  ]);
  await settle(sandbox, 24 * HOUR_MS - 1);
  expect((await refusal(send("1", { identifier: "e1" }))).statusCode).toBe(400);
  await settle(sandbox, 1);
  await send("1", { identifier: "e1" });
  await settle(sandbox);
  expect(await total()).toBe(2);
});

test("timestamps: 35 days back and 5 minutes ahead are taken, one second more is not", async () => {
  const { sandbox, send, total } = await setUp();
  await send("1", { timestamp: START_S - 35 * DAY_S });
  await send("1", { timestamp: START_S + 300 });
  const old = await refusal(send("1", { timestamp: START_S - 35 * DAY_S - 1 }));
  expect(old.message).toBe(
    "The event timestamp cannot be more than 35 days in past. Expected a timestamp greater than or equal to " +
      `${START_S - 35 * DAY_S}.`,
  );
  expect((await refusal(send("1", { timestamp: START_S + 301 }))).statusCode).toBe(400);
  await settle(sandbox);
  expect(await total()).toBe(2);
});

test("values: 15 significant digits are taken, 16 are not; negatives and fractions count", async () => {
  const { sandbox, send, total } = await setUp();
  await send("0.00123456789012345");
  expect((await refusal(send("0.001234567890123456"))).statusCode).toBe(400);
  expect((await refusal(send("1e3"))).statusCode).toBe(400);
  await send("-0.00123456789012345");
  await send("-3.25");
  await settle(sandbox);
  expect(await total()).toBe(-3.25);
});

test("an unknown or deactivated meter and an unknown customer are told at once", async () => {
  const { stripe, meter, send } = await setUp();
  const unknown = await refusal(send("1", { customer: "cus_none" }));
  expect(unknown.message).toBe("No such customer: 'cus_none'");
  await stripe.billing.meters.deactivate(meter.id);
  expect((await refusal(send("1"))).message).toBe("No active meter found with this event name");
});

test("one call at a time for a customer and meter: the second is a 429, another customer's is not", async () => {
  const { stripe, send } = await setUp({ serviceMs: 60 });
  const { id: other } = await stripe.customers.create();
  const results = await Promise.allSettled([send("1"), send("1"), send("1", { customer: other })]);
  const statuses = results.map((result) => (result.status === "rejected" ? result.reason.statusCode : 200));
  expect(statuses.toSorted()).toEqual([200, 200, 429]);
});

test("a customer deleted between acceptance and processing is told by a report with samples only", async () => {
  const { sandbox, stripe, customer, meter, send, total } = await setUp({ errorSamples: 2 });
  for (const identifier of ["e1", "e2", "e3"]) await send("1", { identifier });
  await stripe.customers.del(customer);
  await settle(sandbox, 11_999);
  expect((await stripe.v2.core.events.list({ object_id: meter.id })).data).toEqual([]);
  await settle(sandbox, 1);
  const [listed] = (await stripe.v2.core.events.list({ object_id: meter.id })).data;
  const event = (await stripe.v2.core.events.retrieve(
    listed!.id,
  )) as Stripe.Events.V1BillingMeterErrorReportTriggeredEvent;
  expect(event.type).toBe("v1.billing.meter.error_report_triggered");
  expect(event.data.reason.error_count).toBe(3);
  const [type] = event.data.reason.error_types;
  expect([type?.code, type?.error_count]).toEqual(["meter_event_customer_not_found", 3]);
  expect(type?.sample_errors.map((sample) => sample.request.identifier)).toEqual(["e1", "e2"]);
  expect((await refusal(total())).message).toContain("No such customer");
});

test("asyncCheckRate 1: an unknown meter is accepted, and told by a report without a meter", async () => {
  const { sandbox, stripe, customer } = await setUp({ asyncCheckRate: 1 });
  const payload = { stripe_customer_id: customer, value: "1" };
  await stripe.billing.meterEvents.create({ event_name: "nothing", payload });
  await settle(sandbox, 12_000);
  const [event] = (await stripe.v2.core.events.list()).data;
  expect(event?.type).toBe("v1.billing.meter.no_meter_found");
  expect(event && "related_object" in event).toBe(false);
});

test("v2 events: codes instead of texts", async () => {
  const { sandbox, stripe, customer, meter, total } = await setUp();
  const send = (event_name: string, payload: Record<string, string>, identifier = "e1") =>
    stripe.v2.billing.meterEvents.create({ event_name, payload, identifier });
  await send("requests", { stripe_customer_id: customer, value: "2" });
  const codes = [];
  for (const call of [
    send("requests", { stripe_customer_id: customer, value: "2" }),
    send("nothing", { stripe_customer_id: customer, value: "2" }, "e2"),
    send("requests", { value: "2" }, "e3"),
    send("requests", { stripe_customer_id: customer }, "e4"),
    send("requests", { stripe_customer_id: customer, value: "two" }, "e5"),
  ]) {
    codes.push((await refusal(call)).code);
  }
  await stripe.billing.meters.deactivate(meter.id);
  codes.push((await refusal(send("requests", { stripe_customer_id: customer, value: "2" }, "e6"))).code);
  expect(codes).toEqual([
    "duplicate_meter_event",
    "no_meter",
    "payload_no_customer_defined",
    "payload_no_value_defined",
    "payload_invalid_value",
    "archived_meter",
  ]);
  await stripe.billing.meters.reactivate(meter.id);
  await settle(sandbox);
  expect(await total()).toBe(2);
});

test("stream: at most 100 events, bad ones are told later, and a token ends after 15 minutes", async () => {
  const { sandbox, stripe, customer, total } = await setUp();
  const session = await stripe.v2.billing.meterEventSession.create();
  const streamer = clientOf(sandbox, {}, session.authentication_token);
  const event = { event_name: "requests", payload: { stripe_customer_id: customer, value: "1" } };
  const events = Array.from({ length: 100 }, () => event);
  expect((await refusal(streamer.v2.billing.meterEventStream.create({ events: [...events, event] }))).statusCode).toBe(
    400,
  );
  await streamer.v2.billing.meterEventStream.create({ events });
  const bad = { event_name: "requests", payload: { stripe_customer_id: customer, value: "bad" } };
  await streamer.v2.billing.meterEventStream.create({ events: [bad] });
  await settle(sandbox, 12_000);
  expect(await total()).toBe(100);
  const reports = (await stripe.v2.core.events.list()).data.map((report) => report.type);
  expect(reports).toEqual(["v1.billing.meter.error_report_triggered"]);
  sandbox.clock.advance(15 * 60_000 - 12_000);
  const expired = await refusal(streamer.v2.billing.meterEventStream.create({ events: [event] }));
  expect(expired).toBeInstanceOf(Stripe.errors.TemporarySessionExpiredError);
});

test("adjustments: an event is cancelled within 24 hours of its receipt, whatever its timestamp, and only once", async () => {
  const { sandbox, stripe, send, total } = await setUp();
  const cancel = (identifier: string) =>
    stripe.billing.meterEventAdjustments.create({ event_name: "requests", type: "cancel", cancel: { identifier } });
  await send("1", { identifier: "e1", timestamp: START_S - 30 * DAY_S });
  await send("2", { identifier: "e2" });
  await send("4", { identifier: "e3" });
  expect((await cancel("e3")).status).toBe("pending");
  await settle(sandbox, 24 * HOUR_MS - 1);
  expect(await total()).toBe(3);
  expect((await cancel("e1")).status).toBe("complete");
  expect((await refusal(cancel("e1"))).statusCode).toBe(400);
  expect(await total()).toBe(2);
  await settle(sandbox, 1);
  expect((await refusal(cancel("e2"))).statusCode).toBe(400);
});

test("summaries: aligned to the minute, or to the hour or day that they group by; ten a page, newest first", async () => {
  const { sandbox, stripe, customer, meter, send } = await setUp();
  for (let hour = 0; hour < 12; hour += 1) await send("1", { timestamp: START_S - (hour + 1) * 3_600 });
  await settle(sandbox);
  const read = (start: number, end: number, group?: "hour" | "day") =>
    stripe.billing.meters.listEventSummaries(meter.id, {
      customer,
      start_time: start,
      end_time: end,
      ...(group ? { value_grouping_window: group } : {}),
    });
  expect((await refusal(read(START_S - 30, START_S))).param).toBe("start_time");
  expect((await refusal(read(START_S - 3_600, START_S - 60, "hour"))).param).toBe("end_time");
  expect((await refusal(read(START_S - 3_600, START_S, "day"))).param).toBe("start_time");
  const hours = await read(START_S - DAY_S, START_S, "hour");
  expect([hours.data.length, hours.has_more, hours.data[0]?.start_time]).toEqual([10, true, START_S - 3_600]);
  // The start is inclusive, the end is not: the events of one and two hours ago, not the one of the window's end.
  expect((await read(START_S - 7_200, START_S)).data[0]?.aggregated_value).toBe(2);
  expect((await read(START_S - 7_200, START_S - 3_600)).data[0]?.aggregated_value).toBe(1);
});

test("last takes the latest by time, count counts, and an event time window keeps the one received last", async () => {
  const last = await setUp({}, { default_aggregation: { formula: "last" } });
  await last.send("5", { timestamp: START_S - 60 });
  await last.send("9", { timestamp: START_S - 3_600 });
  await settle(last.sandbox);
  expect(await last.total()).toBe(5);
  const count = await setUp({}, { default_aggregation: { formula: "count" } });
  await count.send("5");
  await count.send("9");
  await settle(count.sandbox);
  expect(await count.total()).toBe(2);
  const hourly = await setUp({}, { event_time_window: "hour" });
  await hourly.send("5", { timestamp: START_S - 60 });
  await hourly.send("9", { timestamp: START_S - 120 });
  await hourly.send("1", { timestamp: START_S - 3_700 });
  await settle(hourly.sandbox);
  expect(await hourly.total()).toBe(10);
});
