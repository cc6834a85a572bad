import Stripe from "stripe";
import { expect, test } from "vitest";
import { refusal, testSandbox } from "../testing/start.ts";

test("customers: a deleted one can be retrieved as deleted, and used for nothing", async () => {
  const { stripe } = await testSandbox();
  const { id } = await stripe.customers.create();
  await stripe.customers.del(id);
  expect(await stripe.customers.retrieve(id)).toMatchObject({ id, deleted: true });
  const error = await refusal(stripe.customers.update(id, { name: "a" }));
  expect([error.statusCode, error.code, error.message]).toEqual([404, "resource_missing", `No such customer: '${id}'`]);
});

test("metadata: keys merge, an empty value removes one, an empty map removes all", async () => {
  const { stripe } = await testSandbox();
  const { id } = await stripe.customers.create({ metadata: { a: "1", b: "2" } });
  expect((await stripe.customers.update(id, { metadata: { a: "", c: "3" } })).metadata).toEqual({ b: "2", c: "3" });
  expect((await stripe.customers.update(id, { metadata: "" })).metadata).toEqual({});
  // Keys that look like indexes are keys all the same.
  expect((await stripe.customers.update(id, { metadata: { 2: "b", 0: "a" } })).metadata).toEqual({ 2: "b", 0: "a" });
});

test("prices: 12 decimals come back exactly, a thirteenth is refused, and tiers show only when expanded", async () => {
  const { stripe } = await testSandbox();
  const { id: product } = await stripe.products.create({ name: "p" });
  const amount = (text: string) => ({ unit_amount_decimal: Stripe.Decimal.from(text), currency: "usd", product });
  const price = await stripe.prices.create(amount("0.000000000001"));
  expect([price.unit_amount, String(price.unit_amount_decimal)]).toEqual([null, "0.000000000001"]);
  expect((await refusal(stripe.prices.create(amount("0.0000000000001")))).param).toBe("unit_amount_decimal");

  const tiered = await stripe.prices.create({
    currency: "usd",
    product,
    billing_scheme: "tiered",
    tiers_mode: "volume",
    tiers: [
      { up_to: 10, flat_amount: 500 },
      { up_to: "inf", unit_amount: 3 },
    ],
  });
  expect(tiered.tiers).toBeUndefined();
  const expanded = await stripe.prices.retrieve(tiered.id, { expand: ["tiers"] });
  expect(expanded.tiers?.map((tier) => [tier.up_to, tier.unit_amount, tier.flat_amount])).toEqual([
    [10, null, 500],
    [null, 3, null],
  ]);
});

test("prices: the last tier must be open, tiers must ascend, and tiers do not go with transform_quantity", async () => {
  const { stripe } = await testSandbox();
  const { id: product } = await stripe.products.create({ name: "p" });
  const base = { currency: "usd", product, billing_scheme: "tiered", tiers_mode: "graduated" } as const;
  const closed = await refusal(stripe.prices.create({ ...base, tiers: [{ up_to: 10, unit_amount: 1 }] }));
  const descending = await refusal(
    stripe.prices.create({
      ...base,
      tiers: [
        { up_to: 10, unit_amount: 1 },
        { up_to: 10, unit_amount: 1 },
        { up_to: "inf", unit_amount: 1 },
      ],
    }),
  );
  const both = await refusal(
    stripe.prices.create({
      ...base,
      tiers: [{ up_to: "inf", unit_amount: 1 }],
      transform_quantity: { divide_by: 10, round: "up" },
    }),
  );
  expect([closed.param, descending.param, both.param]).toEqual([
    "tiers[0][up_to]",
    "tiers[1][up_to]",
    "transform_quantity",
  ]);
});

test("prices: a lookup key moves only with transfer_lookup_key, and amounts cannot be changed", async () => {
  const { stripe } = await testSandbox();
  const { id: product } = await stripe.products.create({ name: "p" });
  const fields = { currency: "usd", product, unit_amount: 100, lookup_key: "base" };
  const first = await stripe.prices.create(fields);
  expect((await refusal(stripe.prices.create(fields))).param).toBe("lookup_key");
  const second = await stripe.prices.create({ ...fields, transfer_lookup_key: true });
  expect((await stripe.prices.retrieve(first.id)).lookup_key).toBeNull();
  expect((await stripe.prices.list({ lookup_keys: ["base"] })).data.map((price) => price.id)).toEqual([second.id]);
  const change = await refusal(stripe.rawRequest("POST", `/v1/prices/${second.id}`, { unit_amount: "200" }));
  expect(change.message).toBe("Received unknown parameter: unit_amount");
});

test("prices: metered needs an active meter, unless the version is from before basil", async () => {
  const { stripe } = await testSandbox();
  const { id: product } = await stripe.products.create({ name: "p" });
  const recurring = { interval: "month", usage_type: "metered" } as const;
  const fields = { currency: "usd", product, unit_amount: 1, recurring };
  expect((await refusal(stripe.prices.create(fields))).param).toBe("recurring[meter]");
  const legacy = await stripe.prices.create(fields, { apiVersion: "2025-02-24.acacia" });
  expect(legacy.recurring?.meter).toBeNull();
  const meter = await stripe.billing.meters.create({
    display_name: "m",
    event_name: "m",
    default_aggregation: { formula: "sum" },
  });
  await stripe.billing.meters.deactivate(meter.id);
  const inactive = stripe.prices.create({ ...fields, recurring: { ...recurring, meter: meter.id } });
  expect((await refusal(inactive)).param).toBe("recurring[meter]");
});

test("meters: only the name can change, the event name is taken for ever, and deactivation is reversible", async () => {
  const { sandbox, stripe } = await testSandbox();
  const fields = { display_name: "m", event_name: "m", default_aggregation: { formula: "sum" } } as const;
  const meter = await stripe.billing.meters.create(fields);
  expect(meter.customer_mapping.event_payload_key).toBe("stripe_customer_id");
  expect(meter.value_settings.event_payload_key).toBe("value");
  expect((await refusal(stripe.billing.meters.create(fields))).param).toBe("event_name");
  expect((await stripe.billing.meters.update(meter.id, { display_name: "n" })).display_name).toBe("n");
  sandbox.clock.advance(5_000);
  const inactive = await stripe.billing.meters.deactivate(meter.id);
  expect(inactive.status_transitions.deactivated_at).toBe(inactive.updated);
  expect((await stripe.billing.meters.list({ status: "inactive" })).data).toHaveLength(1);
  expect((await stripe.billing.meters.reactivate(meter.id)).status).toBe("active");
});
