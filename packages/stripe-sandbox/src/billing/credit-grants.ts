import type Stripe from "stripe";
import { requireCustomer } from "../catalog/customers.ts";
import type { CreditGrantRecord } from "../core/records.ts";
import { customerNow, newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import {
  clearable,
  integer,
  list,
  mergeMetadata,
  metadata,
  object,
  oneOf,
  optional,
  readParams,
  text,
  unixTime,
} from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";
import { moveCredit } from "./credit-ledger.ts";

type Grant = Wire<Stripe.Billing.CreditGrant>;

const MAX_UNUSED = 100;
const MAX_PRICES = 20;

/** What a grant may pay for: every metered price, or some. */
export const SCOPE = object({
  price_type: optional(oneOf("metered")),
  prices: optional(list(object({ id: text() }), MAX_PRICES)),
});
const CREATE = {
  amount: object({
    type: oneOf("monetary"),
    monetary: object({ currency: text(3), value: integer({ min: 1 }) }),
  }),
  applicability_config: object({ scope: SCOPE }),
  category: optional(oneOf("paid", "promotional")),
  customer: text(),
  effective_at: optional(unixTime()),
  expires_at: optional(unixTime()),
  metadata: optional(metadata()),
  name: optional(text(100)),
  priority: optional(integer({ min: 0, max: 100 })),
};

function create(world: World, call: Call): Grant {
  const params = readParams(CREATE, call.params);
  const customer = requireCustomer(world, params.customer);
  const { prices, price_type: priceType } = params.applicability_config.scope;
  if ((prices === undefined) === (priceType === undefined)) {
    throw invalidRequest("Specify exactly one of price_type and prices.", { param: "applicability_config[scope]" });
  }
  for (const [index, { id }] of (prices ?? []).entries()) {
    const param = `applicability_config[scope][prices][${index}][id]`;
    const price = world.state.prices.get(id);
    if (!price) throw noSuch("price", id, { param });
    if (!price.wire.recurring?.meter) throw invalidRequest("Only metered prices can be paid by credits.", { param });
  }
  const unused = world.state.creditGrants.by("customer", customer.id).filter((row) => row.leftMinor > 0);
  if (unused.length >= MAX_UNUSED) {
    throw invalidRequest(`A customer can have at most ${MAX_UNUSED} unused credit grants.`, { param: "customer" });
  }
  const at = customerNow(world, customer.id);
  const wire: Grant = {
    id: newId(world, "credgr"),
    object: "billing.credit_grant",
    amount: params.amount,
    applicability_config: { scope: prices ? { prices } : { price_type: "metered" } },
    category: params.category ?? "paid",
    created: seconds(at),
    customer: customer.id,
    customer_account: null,
    effective_at: params.effective_at ?? seconds(at),
    expires_at: params.expires_at ?? null,
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    name: params.name ?? null,
    priority: params.priority ?? 50,
    test_clock: customer.test_clock ?? null,
    updated: seconds(at),
    voided_at: null,
  };
  const amountMinor = params.amount.monetary.value;
  const row = world.state.creditGrants.put({ id: wire.id, customer: customer.id, leftMinor: amountMinor, wire });
  emitSnapshot(world, "billing.credit_grant.created", wire, at);
  moveCredit(world, row, { type: "credits_granted" }, { amountMinor, at });
  return wire;
}

function find(world: World, call: Call): CreditGrantRecord {
  const row = world.state.creditGrants.get(pathPart(call, "id"));
  if (!row) throw noSuch("credit grant", pathPart(call, "id"));
  return row;
}

function change(world: World, row: CreditGrantRecord, fields: Partial<Grant>): Grant {
  const at = customerNow(world, row.customer);
  const wire = { ...row.wire, ...fields, updated: seconds(at) };
  world.state.creditGrants.patch(row.id, { wire });
  emitSnapshot(world, "billing.credit_grant.updated", wire, at);
  return wire;
}

function update(world: World, call: Call): Grant {
  const row = find(world, call);
  const fields = { expires_at: optional(clearable(unixTime())), metadata: optional(metadata()) };
  const params = readParams(fields, call.params);
  const expiry = params.expires_at === undefined ? {} : { expires_at: params.expires_at };
  return change(world, row, { ...expiry, metadata: mergeMetadata(row.wire.metadata, params.metadata) });
}

/** Takes what is left: an expired grant keeps what it paid, a voided one must not have paid anything. */
function end(world: World, call: Call, how: "expire" | "void"): Grant {
  const row = find(world, call);
  readParams({}, call.params);
  if (row.wire.voided_at !== null || row.leftMinor === 0) {
    throw invalidRequest("This credit grant has no balance that could be taken back.");
  }
  if (how === "void" && row.leftMinor !== row.wire.amount.monetary?.value) {
    throw invalidRequest("A credit grant that was used cannot be voided.");
  }
  const at = customerNow(world, row.customer);
  const type = how === "void" ? "credits_voided" : "credits_expired";
  moveCredit(world, row, { type }, { amountMinor: row.leftMinor, at });
  return change(world, row, how === "void" ? { voided_at: seconds(at) } : { expires_at: seconds(at) });
}

/** `/v1/billing/credit_grants` */
export const CREDIT_GRANT_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/billing/credit_grants", handle: create },
  {
    method: "GET",
    pattern: "/v1/billing/credit_grants",
    handle: (world, call): WireList<Grant> => {
      const params = readParams({ ...LIST_PARAMS, customer: optional(text()) }, call.params);
      const rows = world.state.creditGrants
        .values()
        .filter((row) => params.customer === undefined || row.customer === params.customer);
      return pageOf(rows.map((row) => row.wire).reverse(), params, call.url);
    },
  },
  {
    method: "GET",
    pattern: "/v1/billing/credit_grants/:id",
    handle: (world, call): Grant => find(world, call).wire,
  },
  { method: "POST", pattern: "/v1/billing/credit_grants/:id", handle: update },
  {
    method: "POST",
    pattern: "/v1/billing/credit_grants/:id/expire",
    handle: (world, call): Grant => end(world, call, "expire"),
  },
  {
    method: "POST",
    pattern: "/v1/billing/credit_grants/:id/void",
    handle: (world, call): Grant => end(world, call, "void"),
  },
];
