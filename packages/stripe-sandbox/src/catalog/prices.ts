import type Stripe from "stripe";
import { newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, isBeforeBasil, pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import {
  clearable,
  flag,
  list,
  mergeMetadata,
  metadata,
  object,
  oneOf,
  optional,
  readParams,
  text,
  sent,
} from "../wire/params.ts";
import { idOf, seconds, type Wire, type WireList } from "../wire/wire.ts";
import { amountPair, checkPrice, PRICE_FIELDS, type PriceParams } from "./price-params.ts";
import { createProduct } from "./products.ts";

type Price = Wire<Stripe.Price>;

/** A price as it is sent unless `tiers` is expanded: without them. */
export function shownPrice(price: Price): Price {
  const { tiers: _hidden, ...shown } = price;
  return shown;
}

function create(world: World, call: Call): Price {
  const params = readParams(PRICE_FIELDS, call.params);
  checkPrice(params);
  const recurring = readRecurring(world, call, params.recurring);
  const product = productOf(world, params);
  const amount = amountPair(params.unit_amount, params.unit_amount_decimal, "unit_amount");
  const wire: Price = {
    id: newId(world, "price"),
    object: "price",
    active: params.active ?? true,
    billing_scheme: params.billing_scheme ?? "per_unit",
    created: seconds(world.clock.now()),
    currency: params.currency.toLowerCase(),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: claimLookupKey(world, params.lookup_key, params.transfer_lookup_key ?? false),
    metadata: mergeMetadata({}, params.metadata),
    nickname: params.nickname ?? null,
    product,
    recurring,
    tax_behavior: params.tax_behavior ?? "unspecified",
    tiers_mode: params.tiers_mode ?? null,
    transform_quantity: params.transform_quantity ?? null,
    type: recurring ? "recurring" : "one_time",
    unit_amount: amount?.whole ?? null,
    unit_amount_decimal: amount?.exact ?? null,
    ...(params.tiers ? { tiers: params.tiers.map(tierWire) } : {}),
  };
  world.state.prices.put({ id: wire.id, legacyAggregate: params.recurring?.aggregate_usage ?? null, wire });
  emitSnapshot(world, "price.created", shownPrice(wire));
  return shownPrice(wire);
}

function tierWire(tier: NonNullable<PriceParams["tiers"]>[number]): Wire<Stripe.Price.Tier> {
  const unit = amountPair(tier.unit_amount, tier.unit_amount_decimal, "unit_amount");
  const flat = amountPair(tier.flat_amount, tier.flat_amount_decimal, "flat_amount");
  return {
    flat_amount: flat?.whole ?? null,
    flat_amount_decimal: flat?.exact ?? null,
    unit_amount: unit?.whole ?? null,
    unit_amount_decimal: unit?.exact ?? null,
    up_to: tier.up_to === "inf" ? null : tier.up_to,
  };
}

function readRecurring(world: World, call: Call, given: PriceParams["recurring"]): Price["recurring"] {
  if (!given) return null;
  const usageType = given.usage_type ?? "licensed";
  if (given.aggregate_usage !== undefined && !isBeforeBasil(call)) {
    const param = "recurring[aggregate_usage]";
    throw invalidRequest(`Received unknown parameter: ${param}`, { code: "parameter_unknown", param });
  }
  if (usageType === "metered" && given.meter === undefined && !isBeforeBasil(call)) {
    throw invalidRequest("All metered prices must be backed by meters.", { param: "recurring[meter]" });
  }
  if (usageType === "licensed" && given.meter !== undefined) {
    throw invalidRequest("Only metered prices can have a meter.", { param: "recurring[meter]" });
  }
  if (given.meter !== undefined) {
    const meter = world.state.meters.get(given.meter);
    if (!meter) throw noSuch("meter", given.meter, { param: "recurring[meter]" });
    if (meter.wire.status !== "active") {
      throw invalidRequest("An inactive meter cannot be used for a price.", { param: "recurring[meter]" });
    }
  }
  return {
    interval: given.interval,
    interval_count: given.interval_count ?? 1,
    meter: given.meter ?? null,
    trial_period_days: null,
    usage_type: usageType,
  };
}

function productOf(world: World, params: PriceParams): string {
  if (params.product_data) return createProduct(world, params.product_data).id;
  const id = params.product ?? "";
  if (!world.state.products.get(id)) throw noSuch("product", id, { param: "product" });
  return id;
}

/** A lookup key names one price; another's is taken over only when asked. */
function claimLookupKey(
  world: World,
  key: string | null | undefined,
  mayTransfer: boolean,
  self?: string,
): string | null {
  if (key == null) return null;
  const owner = world.state.prices.by("lookupKey", key).find((row) => row.id !== self);
  if (!owner) return key;
  if (!mayTransfer) {
    throw invalidRequest(
      `A price (\`${owner.id}\`) already uses that lookup key. Pass \`transfer_lookup_key=true\` to move it.`,
      { param: "lookup_key" },
    );
  }
  const wire = world.state.prices.patch(owner.id, { wire: { ...owner.wire, lookup_key: null } }).wire;
  emitSnapshot(world, "price.updated", shownPrice(wire));
  return key;
}

// Amounts are not here: a price is superseded, never changed.
const UPDATE = {
  active: optional(flag()),
  metadata: optional(metadata()),
  nickname: optional(clearable(text())),
  lookup_key: optional(clearable(text(200))),
  transfer_lookup_key: optional(flag()),
  tax_behavior: optional(oneOf("exclusive", "inclusive", "unspecified")),
};

function update(world: World, call: Call): Price {
  const row = world.state.prices.get(pathPart(call, "id"));
  if (!row) throw noSuch("price", pathPart(call, "id"));
  const { metadata: changed, lookup_key, transfer_lookup_key, ...rest } = readParams(UPDATE, call.params);
  const key =
    lookup_key === undefined
      ? row.wire.lookup_key
      : claimLookupKey(world, lookup_key, transfer_lookup_key ?? false, row.id);
  const metadataNow = mergeMetadata(row.wire.metadata, changed);
  const wire: Price = { ...row.wire, ...sent(rest), lookup_key: key, metadata: metadataNow };
  world.state.prices.patch(row.id, { wire });
  emitSnapshot(world, "price.updated", shownPrice(wire));
  return shownPrice(wire);
}

const LIST = {
  ...LIST_PARAMS,
  active: optional(flag()),
  currency: optional(text(3)),
  product: optional(text()),
  type: optional(oneOf("one_time", "recurring")),
  lookup_keys: optional(list(text(200), 10)),
  recurring: optional(
    object({ meter: optional(text()), usage_type: optional(oneOf("licensed", "metered")), interval: optional(text()) }),
  ),
};

function listPrices(world: World, call: Call): WireList<Price> {
  const params = readParams(LIST, call.params);
  const wanted = (price: Price) =>
    (params.active === undefined || price.active === params.active) &&
    (params.currency === undefined || price.currency === params.currency) &&
    (params.product === undefined || idOf(price.product) === params.product) &&
    (params.type === undefined || price.type === params.type) &&
    (params.lookup_keys === undefined || params.lookup_keys.includes(price.lookup_key ?? "")) &&
    (params.recurring?.meter === undefined || price.recurring?.meter === params.recurring.meter) &&
    (params.recurring?.usage_type === undefined || price.recurring?.usage_type === params.recurring.usage_type) &&
    (params.recurring?.interval === undefined || price.recurring?.interval === params.recurring.interval);
  const rows = world.state.prices.values().map((row) => row.wire);
  return pageOf(rows.filter(wanted).map(shownPrice).reverse(), params, call.url);
}

/** `/v1/prices` */
export const PRICE_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/prices", handle: create },
  { method: "GET", pattern: "/v1/prices", handle: listPrices },
  {
    method: "GET",
    pattern: "/v1/prices/:id",
    handle: (world, call): Price => {
      const row = world.state.prices.get(pathPart(call, "id"));
      if (!row) throw noSuch("price", pathPart(call, "id"));
      const shown = shownPrice(row.wire);
      // Since basil a price does not say it any more.
      if (!isBeforeBasil(call) || row.legacyAggregate === null || shown.recurring === null) return shown;
      const recurring: Price["recurring"] & { aggregate_usage: string } = {
        ...shown.recurring,
        aggregate_usage: row.legacyAggregate,
      };
      return { ...shown, recurring };
    },
  },
  { method: "POST", pattern: "/v1/prices/:id", handle: update },
];
