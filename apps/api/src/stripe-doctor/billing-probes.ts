import type { Stripe } from "../platform/stripe/index.ts";
import type { Finding } from "./finding.ts";
import { replyOf, waitFor, type Workbench } from "./workbench.ts";

const hourS = 3_600;

/** The open questions about prices, invoices, test clocks and the legacy endpoints. The customer has used 1.5 units. */
export async function probeBilling(bench: Workbench): Promise<Finding[]> {
  return [
    ...(await pricing(bench)),
    await testClock(bench),
    await legacy(bench),
    {
      id: "grace-period",
      title: "How long a draft waits for late usage",
      outcome: "ASK",
      expected: "1 hour",
      answer: "No API shows it. Dashboard: Settings, Billing, Invoices: the default and every rule must be 1 hour.",
    },
  ];
}

type Tier = Stripe.PriceCreateParams.Tier;
const exact = (text: string) => text as unknown as Stripe.Decimal;
/** Each tier comes to half a cent at 1.5 units: 1 cent when the line is rounded, 2 when each tier is. */
const roundedTiers: Tier[] = [
  { up_to: 1, unit_amount_decimal: exact("0.5") },
  { up_to: "inf", unit_amount_decimal: exact("1") },
];
/** 1.5 units: 105 when the half unit past 1 is in the second tier. */
const cutTiers: Tier[] = [
  { up_to: 1, unit_amount: 100 },
  { up_to: "inf", unit_amount: 10 },
];

async function pricing(bench: Workbench): Promise<Finding[]> {
  const { stripe } = bench.gateway;
  const product = await stripe.products.create({ name: "Meterline doctor" });
  bench.later(() => stripe.products.update(product.id, { active: false }));
  const price = (tiers: Tier[]) =>
    stripe.prices.create({
      currency: "usd",
      product: product.id,
      billing_scheme: "tiered",
      tiers_mode: "graduated",
      tiers,
      recurring: { interval: "month", usage_type: "metered", meter: bench.meter.id },
    });
  const [rounded, cut] = [await price(roundedTiers), await price(cutTiers)];
  for (const made of [rounded, cut]) bench.later(() => stripe.prices.update(made.id, { active: false }));
  const subscription = await stripe.subscriptions.create({
    customer: bench.customer,
    items: [{ price: rounded.id }, { price: cut.id }],
    billing_mode: { type: "flexible" },
    // Before the usage: whether usage from before the subscription was made counts is one of the questions.
    backdate_start_date: bench.startS,
    collection_method: "send_invoice",
    days_until_due: 30,
  });
  bench.later(() => stripe.subscriptions.cancel(subscription.id));
  const seen = await waitFor(bench, async () => {
    const amounts = await previewAmounts(bench, subscription.id);
    return (amounts.get(cut.id) ?? 0) > 0 ? amounts : null;
  });
  const amount = (made: Stripe.Price) => seen?.answer.get(made.id) ?? null;
  const after = seen === null ? `nothing within ${bench.patienceMs} ms` : `after ${seen.afterMs} ms`;
  return [
    {
      id: "backdated-usage",
      title: "Usage between the start and the making of a backdated subscription is billed",
      outcome: seen === null ? "FAULT" : "OK",
      expected: "billed",
      answer: after,
    },
    finding("rounding", "A graduated price is rounded once, not tier by tier", { expected: 1, seen: amount(rounded) }),
    finding("fraction", "A fraction past a tier's bound is priced in the next tier", {
      expected: 105,
      seen: amount(cut),
    }),
  ];
}

async function previewAmounts({ gateway }: Workbench, subscription: string): Promise<Map<string, number>> {
  const preview = await gateway.stripe.invoices.createPreview({ subscription });
  const amounts = new Map<string, number>();
  for (const line of preview.lines.data) {
    const price = line.pricing?.price_details?.price;
    const id = typeof price === "string" ? price : (price?.id ?? "");
    amounts.set(id, (amounts.get(id) ?? 0) + line.amount);
  }
  return amounts;
}

function finding(id: string, title: string, of: { expected: number; seen: number | null }): Finding {
  const { expected, seen } = of;
  return {
    id,
    title,
    outcome: seen === expected ? "OK" : "FAULT",
    expected: `${expected} cents`,
    answer: seen === null ? "no line" : `${seen} cents`,
  };
}

/** Do 35 days and 5 minutes count from the frozen time, or from the real one? */
async function testClock(bench: Workbench): Promise<Finding> {
  const { stripe } = bench.gateway;
  const frozenS = Math.floor(bench.now() / 1_000) - 60 * 24 * hourS;
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: frozenS, name: "Meterline doctor" });
  bench.later(() => stripe.testHelpers.testClocks.del(clock.id));
  const { id: customer } = await stripe.customers.create({ name: "Meterline doctor", test_clock: clock.id });
  const at = (timestamp: number) =>
    replyOf(
      stripe.billing.meterEvents.create({
        event_name: bench.meter.event_name,
        identifier: `doctor-clock-${timestamp}-${bench.now()}`,
        timestamp,
        payload: { stripe_customer_id: customer, value: "1" },
      }),
    );
  const frozen = await at(frozenS);
  const real = await at(Math.floor(bench.now() / 1_000));
  return {
    id: "test-clock",
    title: "Which time a customer's usage is held against on a test clock 60 days ago",
    outcome: frozen.taken && !real.taken ? "OK" : "FAULT",
    expected: "the frozen one (a guess): usage of then is taken, usage of now refused",
    answer: `then: ${frozen.text}; now: ${real.text}`,
  };
}

/** The endpoint of usage records is there when it looks for the item; a removed one is not found itself. */
async function legacy({ gateway }: Workbench): Promise<Finding> {
  const path = "/v1/subscription_items/si_meterline_doctor/usage_records";
  const reply = await replyOf(gateway.legacy("POST", path, { quantity: 1, action: "increment" }));
  return {
    id: "usage-records",
    title: "Usage records are still there under the old version",
    outcome: reply.text.includes("si_meterline_doctor") ? "OK" : "FAULT",
    expected: "the unknown item is refused, not the address",
    answer: reply.text,
  };
}
