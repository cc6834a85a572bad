import type { Database } from "../../platform/database/index.ts";
import { classifyStripeError, type Stripe, type StripeGateway } from "../../platform/stripe/index.ts";
import type {
  HandlerAnswer,
  StripeNotices,
  StripeWebhookEvent,
  WebhookHandlers,
} from "../../platform/stripe/webhooks/index.ts";
import { canonicalJson } from "../catalog/index.ts";
import { contentOfStripePrice } from "./stripe-price-content.ts";

/** What the handlers stand on. */
export type StripeEditParts = { database: Database; gateway: StripeGateway; notices: StripeNotices };

const meterEvents = ["created", "updated", "deactivated", "reactivated"].map((what) => `billing.meter.${what}`);
const priceEvents = ["price.updated", "price.deleted"];

/**
 * Keeps our links true when somebody edits the catalog at Stripe: each object is read again, what we hold is brought up to
 * date, and staff are told. Nothing is put back by itself: `applyStripeCatalog` shows how and does it.
 */
export function onStripeCatalogEdits(handlers: WebhookHandlers, parts: StripeEditParts): void {
  for (const type of meterEvents) handlers.on(type, (event) => onMeter(event, parts));
  for (const type of priceEvents) handlers.on(type, (event) => onPrice(event, parts));
}

async function onMeter(
  event: StripeWebhookEvent,
  { database, gateway, notices }: StripeEditParts,
): Promise<HandlerAnswer> {
  const id = event.objectId ?? "";
  const [linked] = await database.query<{ key: string; active: boolean }>(
    "SELECT m.key, s.active FROM stripe_meter s JOIN meter m ON m.id = s.meter_id WHERE s.stripe_meter_id = $1",
    [id],
  );
  if (linked === undefined) return { ignored: "None of our meters." };
  const stripe = await gateway.stripe.billing.meters.retrieve(id);
  const active = stripe.status === "active";
  if (active) await notices.settle(database, "METER_DEACTIVATED", id);
  if (active === linked.active) return { ignored: "Nothing that concerns us has changed." };
  await database.transaction(async (transaction) => {
    await transaction.query("UPDATE stripe_meter SET active = $2 WHERE stripe_meter_id = $1", [id, active]);
    if (!active)
      await notices.write(transaction, {
        kind: "METER_DEACTIVATED",
        objectId: id,
        customerId: null,
        message:
          `The meter ${linked.key} (${id}) was deactivated at Stripe, which takes no reports for it now. They wait here. ` +
          "Activate it again with applyStripeCatalog, or set its stripeTransport to NONE.",
      });
  });
  return { did: active ? `The meter ${linked.key} takes reports again.` : `The meter ${linked.key} takes no reports.` };
}

async function onPrice(
  event: StripeWebhookEvent,
  { database, gateway, notices }: StripeEditParts,
): Promise<HandlerAnswer> {
  const id = event.objectId ?? "";
  const [linked] = await database.query<{ lookup_key: string; content: object; active: boolean }>(
    "SELECT lookup_key, content, active FROM stripe_price WHERE stripe_price_id = $1 AND superseded_at IS NULL",
    [id],
  );
  if (linked === undefined) return { ignored: "None of the prices in force." };
  const stripe = await currentPrice(gateway, id);
  const active = stripe?.active === true;
  const content = stripe === null ? null : contentOfStripePrice(stripe);
  const isSame = content !== null && canonicalJson(content) === canonicalJson(linked.content);
  const hasKey = stripe?.lookup_key === linked.lookup_key;
  if (active && isSame && hasKey)
    for (const kind of ["PRICE_DEACTIVATED", "PRICE_CHANGED"] as const) await notices.settle(database, kind, id);
  if (active === linked.active && (!active || (isSame && hasKey)))
    return { ignored: "Nothing that concerns us has changed." };
  const wrong = active ? "was changed by hand" : "was deactivated or deleted";
  await database.transaction(async (transaction) => {
    await transaction.query("UPDATE stripe_price SET active = $2 WHERE stripe_price_id = $1", [id, active]);
    if (!active || !isSame || !hasKey)
      await notices.write(transaction, {
        kind: active ? "PRICE_CHANGED" : "PRICE_DEACTIVATED",
        objectId: id,
        customerId: null,
        message:
          `The price ${linked.lookup_key} (${id}) ${wrong} at Stripe. Subscriptions that have it go on; new ones wait here. ` +
          "applyStripeCatalog shows what would put it right.",
      });
  });
  return { did: active && isSame && hasKey ? "The price is in force again." : `The price ${wrong}.` };
}

/** The price as it is, tiers included; null once it is gone. */
async function currentPrice(gateway: StripeGateway, id: string): Promise<Stripe.Price | null> {
  try {
    return await gateway.stripe.prices.retrieve(id, { expand: ["tiers"] });
  } catch (error) {
    const { code } = classifyStripeError(error);
    if (code === "resource_missing") return null;
    throw error;
  }
}
