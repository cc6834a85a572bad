import { formatDecimal } from "@meterline/billing-domain";
import type { ItemRecord } from "../core/records.ts";
import { customerNow, newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, isBeforeBasil, type Route } from "../http/route.ts";
import { ApiError, invalidRequest } from "../wire/errors.ts";
import { either, integer, oneOf, optional, readParams, unixTime } from "../wire/params.ts";
import { seconds, type WireList } from "../wire/wire.ts";
import { usageQuantity } from "./lines.ts";
import { requireItem } from "./subscription-items.ts";

/** The SDK has no types for these any more: https://github.com/stripe/openapi, tag v524. */
type UsageRecord = {
  id: string;
  object: "usage_record";
  livemode: false;
  quantity: number;
  subscription_item: string;
  timestamp: number;
};
type UsageSummary = {
  id: string;
  object: "usage_record_summary";
  invoice: string | null;
  livemode: false;
  period: { start: number | null; end: number | null };
  subscription_item: string;
  total_usage: number;
};

/** The item of a metered price without a meter, for callers that pinned a version from before basil. */
function legacyItem(world: World, call: Call): ItemRecord {
  if (!isBeforeBasil(call)) {
    const message = `Unrecognized request URL (${call.url}). Usage records were removed in version 2025-03-31.basil.`;
    throw new ApiError(404, { type: "invalid_request_error", message });
  }
  const item = requireItem(world, call);
  const recurring = world.state.prices.get(item.price)?.wire.recurring;
  if (recurring?.usage_type !== "metered" || recurring.meter !== null) {
    throw invalidRequest(
      `Cannot create the usage record because the subscription item ${item.id} is not metered by records.`,
    );
  }
  return item;
}

function create(world: World, call: Call): UsageRecord {
  const shape = {
    quantity: integer({ min: 0 }),
    action: optional(oneOf("increment", "set")),
    timestamp: optional(either(oneOf("now"), unixTime())),
  };
  const item = legacyItem(world, call);
  const params = readParams(shape, call.params);
  const subscription = world.state.subscriptions.get(item.subscription)?.wire;
  if (subscription?.status === "canceled") {
    throw invalidRequest("Cannot create the usage record because the subscription has been canceled.");
  }
  const customer = world.state.subscriptions.get(item.subscription)?.customer ?? "";
  const nowS = seconds(customerNow(world, customer));
  const timestamp = params.timestamp === undefined || params.timestamp === "now" ? nowS : params.timestamp;
  // Stripe grants a few minutes around the boundary, without a promise; the harsher reading grants none.
  if (timestamp < item.periodStartS || timestamp > nowS) {
    throw invalidRequest(
      "Cannot create the usage record with this timestamp because it is not within the current billing period.",
      { param: "timestamp" },
    );
  }
  if (params.action === "set") {
    for (const record of world.state.usageRecords.by("item", item.id)) {
      if (record.timestampS === timestamp) world.state.usageRecords.delete(record.id);
    }
  }
  const id = newId(world, "mbur");
  const order = world.state.usage.nextOrder();
  world.state.usageRecords.put({ id, item: item.id, timestampS: timestamp, quantity: params.quantity, order });
  const { quantity } = params;
  return { id, object: "usage_record", livemode: false, quantity, subscription_item: item.id, timestamp };
}

/** Newest period first; the running one has no invoice yet. */
function summaries(world: World, call: Call): WireList<UsageSummary> {
  const item = legacyItem(world, call);
  const params = readParams(LIST_PARAMS, call.params);
  const customer = world.state.subscriptions.get(item.subscription)?.customer ?? "";
  const billed = world.state.lines.values().filter((line) => line.usage?.item === item.id);
  const spans = [
    ...billed.map((line) => ({ invoice: line.invoice, fromS: line.wire.period.start, toS: line.wire.period.end })),
    { invoice: null, fromS: Math.max(item.periodStartS, item.usageFromS), toS: item.periodEndS },
  ].filter((span) => span.toS > span.fromS);
  const rows = spans.reverse().map(({ invoice, fromS, toS }): UsageSummary => {
    const quantity = usageQuantity(world, { item: item.id, price: item.price, customer, fromS, toS });
    const period = { start: fromS, end: toS };
    const id = `sis_${item.id}_${fromS}`;
    const total = Number(formatDecimal(quantity));
    return {
      id,
      object: "usage_record_summary",
      invoice,
      livemode: false,
      period,
      subscription_item: item.id,
      total_usage: total,
    };
  });
  return pageOf(rows, params, call.url);
}

/** `/v1/subscription_items/{id}/usage_records` and their summaries */
export const USAGE_RECORD_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/subscription_items/:id/usage_records", handle: create },
  { method: "GET", pattern: "/v1/subscription_items/:id/usage_record_summaries", handle: summaries },
];
