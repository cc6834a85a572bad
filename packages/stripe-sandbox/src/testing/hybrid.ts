import type Stripe from "stripe";
import type { Sandbox, SandboxSettings } from "../index.ts";
import { START_S, testSandbox } from "./start.ts";

/** 20.00 a month, and usage at 2 cents each up to 1,000 and half a cent past that. */
export type Hybrid = {
  sandbox: Sandbox;
  stripe: Stripe;
  clock: string;
  customer: string;
  meter: Stripe.Billing.Meter;
  base: Stripe.Price;
  usage: Stripe.Price;
  subscription: Stripe.Subscription;
  /** Moves the test clock to an instant, in seconds, and waits until it is ready. */
  advanceTo(atS: number): Promise<void>;
  /** Reports usage with a timestamp, in seconds, and has it counted. */
  use(value: string, atS: number): Promise<void>;
  /** The subscription's invoices, newest first. */
  invoices(): Promise<Stripe.Invoice[]>;
};

/** A customer on a test clock at the start of the tests' time, with a hybrid subscription. */
export async function hybrid(
  create: Partial<Stripe.SubscriptionCreateParams> = {},
  settings: SandboxSettings = {},
): Promise<Hybrid> {
  const { sandbox, stripe } = await testSandbox(settings);
  const { id: clock } = await stripe.testHelpers.testClocks.create({ frozen_time: START_S });
  const { id: customer } = await stripe.customers.create({ test_clock: clock });
  const { id: product } = await stripe.products.create({ name: "API" });
  const meter = await stripe.billing.meters.create({
    display_name: "Requests",
    event_name: "requests",
    default_aggregation: { formula: "sum" },
  });
  const recurring = { interval: "month" } as const;
  const base = await stripe.prices.create({ currency: "usd", product, unit_amount: 2000, recurring });
  const usage = await stripe.prices.create({
    currency: "usd",
    product,
    billing_scheme: "tiered",
    tiers_mode: "graduated",
    tiers: [
      { up_to: 1000, unit_amount: 2 },
      { up_to: "inf", unit_amount_decimal: "0.5" as never },
    ],
    recurring: { ...recurring, usage_type: "metered", meter: meter.id },
  });
  const items = [{ price: base.id }, { price: usage.id }];
  const subscription = await stripe.subscriptions.create({ customer, items, ...create });
  const settle = async () => {
    sandbox.clock.advance(2_000);
    await sandbox.process();
  };
  return {
    sandbox,
    stripe,
    clock,
    customer,
    meter,
    base,
    usage,
    subscription,
    advanceTo: async (atS) => {
      await stripe.testHelpers.testClocks.advance(clock, { frozen_time: atS });
      await settle();
    },
    use: async (value, atS) => {
      const payload = { stripe_customer_id: customer, value };
      await stripe.billing.meterEvents.create({ event_name: "requests", payload, timestamp: atS });
      await settle();
    },
    invoices: async () => (await stripe.invoices.list({ customer })).data,
  };
}
