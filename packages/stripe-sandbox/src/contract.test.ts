import Stripe from "stripe";
import { expect, test } from "vitest";
import type { Sandbox } from "./index.ts";
import { decodeBody } from "./http/request.ts";
import { hasOpenApi, missingFields, OpenApi, readSamples } from "./testing/openapi.ts";
import { DAY_S, START_S, testSandbox } from "./testing/start.ts";
import { listOf, type RawValue } from "./wire/form.ts";

type Reply = { method: string; path: string; status: number; sent: unknown; body: unknown };

/**
 * Fields of Stripe's samples that an object rightly lacks: a custom line of a credit note credits no invoice line, basil
 * moved an invoice's subscription to its parent, and metered items have no quantity.
 */
const NOT_ALWAYS_THERE = [
  "credit_note_line_item.invoice_line_item",
  "invoice.subscription",
  "subscription_item.quantity",
];

/** A form does not tell a list from a map with keys 0, 1, 2; no map in this test has such keys. */
function asSent(value: RawValue): RawValue {
  const items = listOf(value);
  if (items) return items.map(asSent);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asSent(item)]));
}

/** A client whose replies are kept as they came over the wire. */
async function recordingClient(): Promise<{ sandbox: Sandbox; stripe: Stripe; replies: Reply[] }> {
  const replies: Reply[] = [];
  const recordingFetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const path = new URL(String(input)).pathname;
    const body: unknown = await response.clone().json();
    const method = (init?.method ?? "GET").toLowerCase();
    const sent = asSent(decodeBody(typeof init?.body === "string" ? init.body : "", path.startsWith("/v2/")));
    replies.push({ method, path, status: response.status, sent, body });
    return response;
  };
  const { sandbox, stripe } = await testSandbox({}, { httpClient: Stripe.createFetchHttpClient(recordingFetch) });
  return { sandbox, stripe, replies };
}

/** Walks a subscription through a period. */
async function bill(sandbox: Sandbox, stripe: Stripe, of: { customer: string; product: string; metered: string }) {
  const { customer, product, metered } = of;
  const recurring = { interval: "month" } as const;
  const base = await stripe.prices.create({ currency: "usd", product, unit_amount: 2000, recurring });
  const items = [{ price: base.id, quantity: 2 }, { price: metered }];
  const subscription = await stripe.subscriptions.create({ customer, items, expand: ["latest_invoice"] });
  const [item] = subscription.items.data;
  await stripe.subscriptionItems.update(item?.id ?? "", { quantity: 1 });
  await stripe.subscriptionItems.list({ subscription: subscription.id });
  await stripe.invoiceItems.create({ customer, amount: 10, currency: "usd" });
  await stripe.invoiceItems.list({ customer });
  await stripe.invoices.createPreview({ subscription: subscription.id });
  sandbox.clock.advance(31 * DAY_S * 1000);
  await sandbox.process();
  const invoices = await stripe.invoices.list({ customer });
  await stripe.invoices.listLineItems(invoices.data[0]?.id ?? "");
  await stripe.subscriptions.update(subscription.id, { metadata: { a: "1" } });
  await stripe.subscriptions.list({ customer });
  await stripe.subscriptions.cancel(subscription.id);
  const manual = await stripe.invoices.create({ customer, collection_method: "send_invoice", days_until_due: 10 });
  await stripe.invoiceItems.create({ customer, amount: 70, currency: "usd", invoice: manual.id });
  await stripe.invoices.finalizeInvoice(manual.id);
  await stripe.creditNotes.create({ invoice: manual.id, amount: 20 });
  await stripe.creditNotes.list({ invoice: manual.id });
  await stripe.invoices.voidInvoice(manual.id);
  await spend(stripe, customer);
  await stripe.billingPortal.sessions.create({ customer, return_url: "http://127.0.0.1/" });
  const line_items = [{ price: base.id, quantity: 1 }];
  const visit = { customer, success_url: "http://127.0.0.1/" };
  const checkout = await stripe.checkout.sessions.create({ ...visit, mode: "subscription", line_items });
  await stripe.checkout.sessions.retrieve(checkout.id);
  await stripe.checkout.sessions.list({ customer });
  await stripe.checkout.sessions.expire(checkout.id);
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START_S });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START_S + 1 });
  await stripe.testHelpers.testClocks.list();
  await stripe.testHelpers.testClocks.del(clock.id);
}

/** Walks credit grants through their ends. */
async function spend(stripe: Stripe, customer: string) {
  const grant = await stripe.billing.creditGrants.create({
    customer,
    amount: { type: "monetary", monetary: { currency: "usd", value: 100 } },
    applicability_config: { scope: { price_type: "metered" } },
  });
  await stripe.billing.creditGrants.update(grant.id, { metadata: { a: "1" } });
  await stripe.billing.creditGrants.list({ customer });
  const filter = { type: "credit_grant", credit_grant: grant.id } as const;
  await stripe.billing.creditBalanceSummaries.retrieve({ customer, filter });
  await stripe.billing.creditGrants.voidGrant(grant.id);
  const entries = await stripe.billing.creditBalanceTransactions.list({ customer });
  await stripe.billing.creditBalanceTransactions.retrieve(entries.data[0]?.id ?? "");
}

// Compiling the description takes seconds on a busy machine. It lies outside the repository; without it nothing can be compared.
test("every request and reply has the shape that Stripe's API description gives it", async ({ skip }) => {
  if (!hasOpenApi) skip("../shared/stripe/openapi.json is not beside the repository");
  const { sandbox, stripe, replies } = await recordingClient();
  const customer = await stripe.customers.create({
    name: "Acme (demo)",
    email: "a@example.com",
    metadata: { a: "1" },
  });
  await stripe.customers.list({ limit: 1 });
  await stripe.customers.update(customer.id, { address: { city: "Bern", country: "CH" } });
  const product = await stripe.products.create({ name: "API (demo)" });
  await stripe.products.list();
  const meter = await stripe.billing.meters.create({
    display_name: "Requests",
    event_name: "requests",
    default_aggregation: { formula: "sum" },
  });
  await stripe.billing.meters.list();
  const price = await stripe.prices.create({
    currency: "usd",
    product: product.id,
    billing_scheme: "tiered",
    tiers_mode: "graduated",
    tiers: [
      { up_to: 1000, unit_amount: 2 },
      { up_to: "inf", unit_amount_decimal: Stripe.Decimal.from("0.5") },
    ],
    recurring: { interval: "month", usage_type: "metered", meter: meter.id },
  });
  await stripe.prices.retrieve(price.id, { expand: ["tiers", "product"] });
  const payload = { stripe_customer_id: customer.id, value: "5" };
  await stripe.billing.meterEvents.create({ event_name: "requests", payload, identifier: "e1" });
  await stripe.v2.billing.meterEvents.create({ event_name: "requests", payload, identifier: "e2" });
  await stripe.billing.meterEvents.create({ event_name: "requests", payload: { value: "5" } });
  await stripe.v2.billing.meterEventSession.create();
  sandbox.clock.advance(12_000);
  await sandbox.process();
  const window = { start_time: START_S - DAY_S, end_time: START_S + DAY_S };
  await stripe.billing.meters.listEventSummaries(meter.id, { customer: customer.id, ...window });
  await stripe.billing.meterEventAdjustments.create({
    event_name: "requests",
    type: "cancel",
    cancel: { identifier: "e1" },
  });
  const adjustment = { event_name: "requests", type: "cancel", cancel: { identifier: "e2" } } as const;
  await stripe.v2.billing.meterEventAdjustments.create(adjustment);
  const reports = await stripe.v2.core.events.list();
  await stripe.v2.core.events.retrieve(reports.data[0]?.id ?? "");
  const events = await stripe.events.list();
  await stripe.events.retrieve(events.data[0]?.id ?? "");
  const endpoint = await stripe.webhookEndpoints.create({
    url: "http://127.0.0.1:9/",
    enabled_events: ["customer.deleted"],
  });
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
  await stripe.webhookEndpoints.list();
  const destination = await stripe.v2.core.eventDestinations.create({
    name: "thin",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: ["none"],
    webhook_endpoint: { url: "http://127.0.0.1:9/" },
  });
  await stripe.v2.core.eventDestinations.disable(destination.id);
  await stripe.v2.core.eventDestinations.list();
  await stripe.billing.meters.deactivate(meter.id);
  await stripe.billing.meters.reactivate(meter.id);

  await bill(sandbox, stripe, { customer: customer.id, product: product.id, metered: price.id });
  await stripe.customers.del(customer.id);

  const description = new OpenApi();
  expect(description.faults("get", "/v1/customers/cus_1", { id: 1 })).not.toEqual([]);
  expect(customer.created).toBe(START_S);
  expect(replies.filter((reply) => reply.status !== 200)).toEqual([]);
  expect(replies.flatMap((reply) => description.faults(reply.method, reply.path, reply.body))).toEqual([]);
  expect(description.bodyFaults("post", "/v1/customers", { nmae: "a" })).not.toEqual([]);
  const missing = missingFields(
    readSamples(),
    replies.map((reply) => reply.body),
  );
  expect([...new Set(missing)].sort()).toEqual(NOT_ALWAYS_THERE);
  const posts = replies.filter((reply) => reply.method === "post");
  expect(posts.flatMap((reply) => description.bodyFaults("post", reply.path, reply.sent))).toEqual([]);
}, 60_000);
