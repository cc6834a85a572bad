import { decimal } from "@meterline/billing-domain";
import type Stripe from "stripe";
import { requireCustomer } from "../catalog/customers.ts";
import { isBeforeBasil } from "../http/route.ts";
import type { Call } from "../http/route.ts";
import type { ItemRecord, SubscriptionRecord } from "../core/records.ts";
import { customerNow, newId, type World } from "../core/world.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest } from "../wire/errors.ts";
import { mergeMetadata, type Params, readParams } from "../wire/params.ts";
import { seconds, type Wire } from "../wire/wire.ts";
import { anchorOfConfig, checkAnchor, cycleOf, firstPeriod } from "./cycle.ts";
import { addLicensedLine, addUsageLine, isMetered, priceOf } from "./lines.ts";
import { openFirstInvoice } from "./renew.ts";
import { renderSubscription } from "./render-subscription.ts";
import { CREATE_FIELDS, checkTogether, itemPrice } from "./subscription-params.ts";

type Given = Params<typeof CREATE_FIELDS>;

/** Starts a subscription: its fees for the first period are billed at once, its usage when the period is over. */
export function createSubscription(world: World, call: Call): Wire<Stripe.Subscription> {
  const params = readParams(CREATE_FIELDS, call.params);
  const customer = requireCustomer(world, params.customer);
  const prices = params.items.map((item, index) => itemPrice(world, item, `items[${index}]`));
  const [first] = prices;
  if (!first?.recurring) throw invalidRequest("Missing required param: items.", { param: "items" });
  checkTogether(prices);
  if (prices.some((price) => isMetered(price) && price.recurring?.meter === null) && !isBeforeBasil(call)) {
    throw invalidRequest("Metered prices without a meter cannot be used any more.", { param: "items" });
  }
  const now = Math.floor(customerNow(world, customer.id) / 1000) * 1000;
  const startAt = startOf(params, now);
  const anchor = anchorOf(params, startAt);
  checkAnchor(cycleOf(first.recurring, anchor.anchorAt), startAt);
  const isMonthly = first.recurring.interval === "month" && first.recurring.interval_count === 1;
  const anchorAt = isMonthly ? anchor.returnsTo : anchor.anchorAt;
  const period = { ...firstPeriod(cycleOf(first.recurring, anchorAt), startAt), createdAt: now };
  if (period.endAt <= now) {
    // Stripe bills every period that has passed on the first invoice; that is not imitated.
    throw invalidRequest("backdate_start_date must lie in the running period.", { param: "backdate_start_date" });
  }
  const mode = params.billing_mode?.type ?? (isBeforeBasil(call) ? "classic" : "flexible");
  const wire = newSubscription(world, {
    params,
    now,
    startAt,
    anchorAt: anchor.anchorAt,
    mode,
    currency: first.currency,
  });
  const id = wire.id;
  const row: SubscriptionRecord = {
    id,
    customer: customer.id,
    testClock: customer.test_clock as string | null,
    anchorAt,
    wire,
  };
  world.state.subscriptions.put(row);
  const items = params.items.map((item) => newItem(world, id, item, period));
  const isShort = period.endAt - period.startAt < period.fullMs;
  const share = decimal(String(period.endAt - period.startAt)).div(decimal(String(period.fullMs)));
  const licensed = items.filter((item) => !isMetered(priceOf(world, item.price)));
  const billed = isShort && params.proration_behavior === "none" ? [] : licensed;
  // Flexible mode makes no zero lines at creation, classic does.
  const zeroes = mode === "classic" ? items.filter((item) => isMetered(priceOf(world, item.price))) : [];
  if (billed.length + zeroes.length > 0) {
    const invoice = openFirstInvoice(world, row, (invoiceId) => {
      for (const item of billed) {
        const span = { fromS: item.periodStartS, toS: item.periodEndS };
        addLicensedLine(world, invoiceId, item, isShort ? { ...span, share } : span);
      }
      for (const item of zeroes) {
        const nothing = { fromS: item.periodStartS, toS: item.periodStartS };
        addUsageLine(world, invoiceId, item, { item: item.id, price: item.price, customer: customer.id, ...nothing });
      }
    });
    const current = world.state.subscriptions.get(id)?.wire ?? wire;
    world.state.subscriptions.patch(id, { wire: { ...current, latest_invoice: invoice.id } });
  }
  const shown = renderSubscription(world, id);
  emitSnapshot(world, "customer.subscription.created", shown, now);
  return shown;
}

/** When the first period begins: at a past instant when one was given. Usage since then is billed (a guess). */
function startOf(params: Given, now: number): number {
  const startAt = params.backdate_start_date === undefined ? now : params.backdate_start_date * 1000;
  if (startAt > now) {
    throw invalidRequest("backdate_start_date must be in the past.", { param: "backdate_start_date" });
  }
  return startAt;
}

function anchorOf(params: Given, now: number): { anchorAt: number; returnsTo: number } {
  if (params.billing_cycle_anchor_config) {
    if (params.billing_cycle_anchor !== undefined) {
      throw invalidRequest("You may only specify one of billing_cycle_anchor, billing_cycle_anchor_config.");
    }
    return anchorOfConfig(params.billing_cycle_anchor_config, now);
  }
  const anchorAt = params.billing_cycle_anchor === undefined ? now : params.billing_cycle_anchor * 1000;
  return { anchorAt, returnsTo: anchorAt };
}

/** Adds an item that begins with the given period. */
export function newItem(
  world: World,
  subscription: string,
  given: { price: string; quantity?: number | undefined; metadata?: Record<string, string> | undefined },
  period: { startAt: number; endAt: number; fromAt?: number; createdAt?: number },
): ItemRecord {
  const from = seconds(period.fromAt ?? period.startAt);
  return world.state.items.put({
    id: newId(world, "si"),
    subscription,
    price: given.price,
    quantity: isMetered(priceOf(world, given.price)) ? null : (given.quantity ?? 1),
    createdS: period.createdAt === undefined ? from : seconds(period.createdAt),
    metadata: mergeMetadata({}, given.metadata),
    periodStartS: seconds(period.startAt),
    periodEndS: seconds(period.endAt),
    usageFromS: from,
  });
}

function newSubscription(
  world: World,
  of: { params: Given; now: number; startAt: number; anchorAt: number; mode: "classic" | "flexible"; currency: string },
): SubscriptionRecord["wire"] {
  const { params, now } = of;
  const config = params.billing_cycle_anchor_config;
  return {
    id: newId(world, "sub"),
    object: "subscription",
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: seconds(of.anchorAt),
    billing_cycle_anchor_config: config
      ? {
          day_of_month: config.day_of_month,
          hour: config.hour ?? null,
          minute: config.minute ?? null,
          month: config.month ?? null,
          second: config.second ?? null,
        }
      : null,
    billing_mode: { type: of.mode, flexible: of.mode === "flexible" ? {} : null },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: params.cancel_at_period_end ?? false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: params.collection_method ?? "charge_automatically",
    created: seconds(now),
    currency: of.currency,
    customer: params.customer,
    customer_account: null,
    days_until_due: params.collection_method === "send_invoice" ? (params.days_until_due ?? 30) : null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: params.description ?? null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: "self" },
    },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: mergeMetadata({}, params.metadata),
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: null,
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: seconds(of.startAt),
    status: "active",
    test_clock: world.state.customers.get(params.customer)?.testClock ?? null,
    transfer_data: null,
    trial_end: null,
    trial_settings: null,
    trial_start: null,
  };
}
