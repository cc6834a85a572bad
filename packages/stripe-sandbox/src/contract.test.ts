import Stripe from "stripe";
import { expect, test } from "vitest";
import { hasOpenApi, OpenApi } from "./testing/openapi.ts";
import { START_S, testSandbox } from "./testing/start.ts";

type Reply = { method: string; path: string; status: number; body: unknown };

/** A client whose replies are kept as they came over the wire. */
async function recordingClient(): Promise<{ stripe: Stripe; replies: Reply[] }> {
  const replies: Reply[] = [];
  const recordingFetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const path = new URL(String(input)).pathname;
    const body: unknown = await response.clone().json();
    replies.push({ method: (init?.method ?? "GET").toLowerCase(), path, status: response.status, body });
    return response;
  };
  const { stripe } = await testSandbox({}, { httpClient: Stripe.createFetchHttpClient(recordingFetch) });
  return { stripe, replies };
}

// Compiling the description takes seconds on a busy machine. It lies outside the repository; without it nothing can be compared.
test.skipIf(!hasOpenApi)(
  "every reply has the shape that Stripe's API description gives it",
  async () => {
    const { stripe, replies } = await recordingClient();
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
    await stripe.billing.meters.deactivate(meter.id);
    await stripe.billing.meters.reactivate(meter.id);

    const description = new OpenApi();
    expect(description.faults("get", "/v1/customers/cus_1", { id: 1 })).not.toEqual([]);
    expect(customer.created).toBe(START_S);
    expect(replies.filter((reply) => reply.status !== 200)).toEqual([]);
    expect(replies.flatMap((reply) => description.faults(reply.method, reply.path, reply.body))).toEqual([]);
  },
  60_000,
);
