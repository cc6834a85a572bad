import type { EpochMs } from "@meterline/billing-domain";
import type { Database } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import type { Stripe, StripeGateway } from "../../platform/stripe/index.ts";
import { stripeMeters } from "./stripe-links.read-model.ts";
import { writeMeterLink, writePriceLink } from "./stripe-catalog.repository.ts";
import type { OurPlanVersion, StripeOperation } from "./stripe-changes.ts";
import { basePriceOf, meteredPriceOf, type PriceContent, priceParams } from "./stripe-price-content.ts";

type On = { gateway: StripeGateway; database: Database; now: EpochMs };

/** Does one thing at Stripe and writes down what it made. Safe to do again after a crash in between. */
export async function applyStripeOperation(operation: StripeOperation, on: On): Promise<void> {
  switch (operation.do) {
    case "MAKE_METER":
      return makeMeter(operation, on);
    case "LINK_METER":
      return linkMeter(operation, on);
    case "MAKE_PRODUCT":
      return makeProduct(operation, on);
    case "MAKE_PRICE":
      return makePrice(operation, on);
    case "LINK_PRICE":
      return linkPrice(operation, on);
  }
}

type Of<Name extends StripeOperation["do"]> = Extract<StripeOperation, { do: Name }>;

/** Deltas of a total add up in a sum, whatever our aggregation; without a time window every event counts. */
async function makeMeter({ meter, eventName }: Of<"MAKE_METER">, { gateway, database, now }: On): Promise<void> {
  const stripe = await gateway.stripe.billing.meters.create({
    display_name: meter.definition.name,
    event_name: eventName,
    default_aggregation: { formula: "sum" },
    customer_mapping: { type: "by_id", event_payload_key: "stripe_customer_id" },
    value_settings: { event_payload_key: "value" },
  });
  await writeMeterLink(database, { meterId: meter.id, stripe, adopted: false, now });
}

async function linkMeter(operation: Of<"LINK_METER">, { gateway, database, now }: On): Promise<void> {
  const { meters } = gateway.stripe.billing;
  let { stripe } = operation;
  if (operation.reactivate) stripe = await meters.reactivate(stripe.id);
  if (operation.rename !== null) stripe = await meters.update(stripe.id, { display_name: operation.rename });
  await writeMeterLink(database, { meterId: operation.meter.id, stripe, adopted: true, now });
}

async function makeProduct({ productId, name, exists }: Of<"MAKE_PRODUCT">, { gateway }: On): Promise<void> {
  const { products } = gateway.stripe;
  if (exists) await products.update(productId, { name, active: true });
  else await products.create({ id: productId, name, metadata: { meterline: "catalog" } });
}

/** The lookup key moves to the new price, and the one before takes no new subscriptions. */
async function makePrice(operation: Of<"MAKE_PRICE">, { gateway, database, now }: On): Promise<void> {
  const { plan, meterKey, lookupKey } = operation;
  const content = await contentFor(plan, meterKey, database);
  const before = await gateway.stripe.prices.list({ lookup_keys: [lookupKey], limit: 1 });
  const made = await gateway.stripe.prices.create({
    ...priceParams(content),
    lookup_key: lookupKey,
    transfer_lookup_key: true,
    metadata: { meterline_plan_version: plan.id, meterline_meter: meterKey ?? "" },
  });
  const [superseded] = before.data;
  if (superseded?.active === true) await gateway.stripe.prices.update(superseded.id, { active: false });
  await writeLink(database, { plan, meterKey, lookupKey, stripePriceId: made.id, content, adopted: false, now });
}

async function linkPrice(operation: Of<"LINK_PRICE">, { gateway, database, now }: On): Promise<void> {
  const { plan, meterKey, stripePriceId, reactivate } = operation;
  const stripe: Stripe.Price = reactivate
    ? await gateway.stripe.prices.update(stripePriceId, { active: true })
    : await gateway.stripe.prices.retrieve(stripePriceId);
  invariant(stripe.lookup_key !== null, "a price that was found by its lookup key has one");
  const content = await contentFor(plan, meterKey, database);
  const lookupKey = stripe.lookup_key;
  await writeLink(database, { plan, meterKey, lookupKey, stripePriceId, content, adopted: true, now });
}

/** What the price charges, on the Stripe meter that is linked by now. */
async function contentFor(plan: OurPlanVersion, meterKey: string | null, database: Database): Promise<PriceContent> {
  const { definition } = plan;
  const card = definition.rateCards.find((one) => one.meterKey === meterKey);
  const meter = meterKey === null ? undefined : (await stripeMeters(database)).get(meterKey);
  const wanted =
    card === undefined ? basePriceOf(definition) : meteredPriceOf(definition, card, meter?.stripeMeterId ?? null);
  invariant(wanted.kind === "PRICE", "a price that is made is one that Stripe can have");
  return wanted.content;
}

function writeLink(
  database: Database,
  link: Omit<Parameters<typeof writePriceLink>[1], "planVersionId"> & { plan: OurPlanVersion },
): Promise<void> {
  const { plan, ...rest } = link;
  return database.transaction((transaction) => writePriceLink(transaction, { ...rest, planVersionId: plan.id }));
}
