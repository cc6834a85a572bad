import type Stripe from "stripe";
import { expect, test } from "vitest";
import { listen } from "../testing/listener.ts";
import { refusal, START_AT, testSandbox } from "../testing/start.ts";

const HOUR_MS = 3_600_000;

async function withEndpoint(stripe: Stripe, url: string): Promise<string> {
  const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ["customer.created"] });
  expect((await stripe.webhookEndpoints.retrieve(endpoint.id)).secret).toBeUndefined();
  return endpoint.secret ?? "";
}

test("a snapshot event is delivered signed, and only when the endpoint listens to its type", async () => {
  const { sandbox, stripe } = await testSandbox();
  const { url, received } = await listen();
  const secret = await withEndpoint(stripe, url);
  const customer = await stripe.customers.create({ name: "a" });
  await stripe.customers.update(customer.id, { name: "b" });
  await sandbox.process();
  expect(received.map((one) => one.type)).toEqual(["customer.created"]);
  const { body, signature } = received[0]!;
  const event = stripe.webhooks.constructEvent(body, signature, secret, 300, undefined, START_AT);
  expect([event.data.object, event.pending_webhooks]).toMatchObject([{ id: customer.id, name: "a" }, 1]);
  expect((await stripe.events.retrieve(event.id)).pending_webhooks).toBe(0);
});

test("an unanswered event is tried again later, signed anew, and given up after the last try", async () => {
  const { sandbox, stripe } = await testSandbox({ webhooks: { retryDelaysMs: [1_000, HOUR_MS] } });
  const { url, received, answer } = await listen();
  await withEndpoint(stripe, url);
  answer.status = 500;
  await stripe.customers.create();
  for (const waitMs of [0, 999, 1, HOUR_MS, 24 * HOUR_MS]) {
    sandbox.clock.advance(waitMs);
    await sandbox.process();
  }
  expect(received).toHaveLength(3);
  expect(new Set(received.map((one) => one.id)).size).toBe(1);
  expect(new Set(received.map((one) => one.signature)).size).toBe(3);
});

test("a redirect is a failure", async () => {
  const { sandbox, stripe } = await testSandbox({ webhooks: { retryDelaysMs: [1_000] } });
  const { url, received, answer } = await listen();
  await withEndpoint(stripe, url);
  answer.status = 302;
  await stripe.customers.create();
  await sandbox.process();
  answer.status = 200;
  sandbox.clock.advance(1_000);
  await sandbox.process();
  expect(received).toHaveLength(2);
});

test("on demand every event comes twice", async () => {
  const { sandbox, stripe } = await testSandbox({ webhooks: { duplicateRate: 1 } });
  const { url, received } = await listen();
  await withEndpoint(stripe, url);
  await stripe.customers.create();
  await sandbox.process();
  expect(received.map((one) => one.id)).toEqual([received[0]?.id, received[0]?.id]);
});

test("on demand an event is written twice, as two with ids of their own about the same object", async () => {
  const { sandbox, stripe } = await testSandbox({ webhooks: { duplicateEventRate: 1 } });
  const { url, received } = await listen();
  await withEndpoint(stripe, url);
  await stripe.customers.create();
  await sandbox.process();
  expect(new Set(received.map((one) => one.id)).size).toBe(2);
  expect(new Set(received.map((one) => JSON.parse(one.body).data.object.id)).size).toBe(1);
});

test("on demand events overtake one another, and all arrive", async () => {
  const { sandbox, stripe } = await testSandbox({ webhooks: { reorderRate: 0.5 }, seed: 3 });
  const { url, received } = await listen();
  await withEndpoint(stripe, url);
  const made: string[] = [];
  for (let count = 0; count < 10; count += 1) made.push((await stripe.customers.create()).id);
  await sandbox.process();
  sandbox.clock.advance(10_000);
  await sandbox.process();
  const came = received.map((one) => JSON.parse(one.body).data.object.id as string);
  expect(came.toSorted()).toEqual(made.toSorted());
  expect(came).not.toEqual(made);
});

test("a thin event comes without its data, which a fetch shows; its secret is shown only at creation", async () => {
  const { sandbox, stripe } = await testSandbox();
  const { url, received } = await listen();
  const destination = await stripe.v2.core.eventDestinations.create({
    name: "thin",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: ["v1.billing.meter.error_report_triggered"],
    webhook_endpoint: { url },
    include: ["webhook_endpoint.signing_secret"],
  });
  const again = await stripe.v2.core.eventDestinations.retrieve(destination.id, { include: ["webhook_endpoint.url"] });
  expect(again.webhook_endpoint).toEqual({ url });
  const meter = await stripe.billing.meters.create({
    display_name: "m",
    event_name: "m",
    default_aggregation: { formula: "sum" },
  });
  await stripe.billing.meterEvents.create({ event_name: "m", payload: { value: "1" } });
  sandbox.clock.advance(12_000);
  await sandbox.process();
  const { body, signature } = received[0]!;
  expect(body).not.toContain('"data"');
  const secret = destination.webhook_endpoint?.signing_secret ?? "";
  const notification = stripe.parseEventNotification(body, signature, secret, 300, undefined, START_AT + 12_000);
  if (notification.type !== "v1.billing.meter.error_report_triggered") throw new Error("another type");
  const event = await notification.fetchEvent();
  expect(event.data.reason.error_types[0]?.code).toBe("meter_event_no_customer_defined");
  expect((await notification.fetchRelatedObject()).id).toBe(meter.id);
});

test("a snapshot event has a thin twin for destinations that listen to it, and the twin names it", async () => {
  const { sandbox, stripe } = await testSandbox();
  const { url, received } = await listen();
  await stripe.v2.core.eventDestinations.create({
    name: "thin",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: ["v1.customer.created"],
    webhook_endpoint: { url },
  });
  const { id } = await stripe.customers.create();
  await sandbox.process();
  const [snapshot] = (await stripe.events.list({ type: "customer.created" })).data;
  const twin = JSON.parse(received[0]!.body);
  expect([twin.type, twin.snapshot_event]).toEqual(["v1.customer.created", snapshot?.id]);
  expect(twin.related_object).toEqual({ id, type: "customer", url: `/v1/customers/${id}` });
});

test("events are listed newest first, by type and time, in pages; more than 20 types are refused", async () => {
  const { sandbox, stripe } = await testSandbox();
  for (let count = 0; count < 3; count += 1) {
    await stripe.customers.create();
    sandbox.clock.advance(60_000);
  }
  const second = START_AT / 1000 + 60;
  const type = "customer.created";
  const of = async (params: Parameters<typeof stripe.events.list>[0]) =>
    (await stripe.events.list(params)).data.map((one) => one.created - START_AT / 1000);
  expect(await of({ types: [type, "customer.deleted"], created: { gte: second } })).toEqual([120, 60]);
  expect(await of({ type: "customer.*", created: { gt: second, lt: second + 100 } })).toEqual([120]);
  const page = await stripe.events.list({ types: [type], limit: 2 });
  expect([page.data.length, page.has_more]).toEqual([2, true]);
  expect(await of({ types: [type], limit: 2, starting_after: page.data[1]?.id ?? "" })).toEqual([0]);
  const types = Array.from({ length: 21 }, (_, index) => `type.${index}`);
  expect((await refusal(stripe.events.list({ types }))).statusCode).toBe(400);
  expect((await refusal(stripe.events.list({ types: [type], type }))).statusCode).toBe(400);
});

test("thin events are listed by type and time, each page naming the next", async () => {
  const { sandbox, stripe } = await testSandbox();
  for (let count = 0; count < 3; count += 1) {
    await stripe.billing.meterEvents
      .create({ event_name: "none", payload: { stripe_customer_id: "cus_x", value: "1" } })
      .catch(() => undefined);
    await stripe.billing.meters.create({
      display_name: "m",
      event_name: `m${count}`,
      default_aggregation: { formula: "sum" },
    });
    await stripe.billing.meterEvents.create({ event_name: `m${count}`, payload: { value: "1" } });
    sandbox.clock.advance(60_000);
    await sandbox.process();
  }
  const type = "v1.billing.meter.error_report_triggered";
  const first = await stripe.v2.core.events.list({ types: [type], limit: 2 });
  expect(first.data.length).toBe(2);
  const next = (await stripe.rawRequest("GET", first.next_page_url ?? "")) as unknown as typeof first;
  expect([next.data.length, next.next_page_url]).toEqual([1, null]);
  const since = START_AT / 1000 + 90;
  expect((await stripe.v2.core.events.list({ types: [type], created: { gte: since } })).data.length).toBe(2);
});

test("a disabled destination and a deleted endpoint get nothing more", async () => {
  const { sandbox, stripe } = await testSandbox();
  const { url, received } = await listen();
  const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
  await stripe.customers.create();
  await stripe.webhookEndpoints.del(endpoint.id);
  await sandbox.process();
  expect(received).toEqual([]);
  expect((await refusal(stripe.webhookEndpoints.retrieve(endpoint.id))).statusCode).toBe(404);
});
