import type Stripe from "stripe";
import { newId, scopeNow, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import {
  clearable,
  mergeMetadata,
  metadata,
  object,
  optional,
  readParams,
  sent,
  text,
  unixTime,
} from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";

const ADDRESS = object({
  city: optional(text()),
  country: optional(text(2)),
  line1: optional(text()),
  line2: optional(text()),
  postal_code: optional(text()),
  state: optional(text()),
});
const FIELDS = {
  name: optional(clearable(text(256))),
  email: optional(clearable(text(512))),
  phone: optional(clearable(text(20))),
  description: optional(clearable(text())),
  address: optional(clearable(ADDRESS)),
  metadata: optional(metadata()),
  invoice_settings: optional(object({ default_payment_method: optional(clearable(text())) })),
};
const NO_ADDRESS = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };

/** The customer of a parameter. @throws ApiError 400 when there is none, or not any more */
export function requireCustomer(world: World, id: string, param = "customer"): Wire<Stripe.Customer> {
  const row = world.state.customers.get(id);
  if (!row) throw noSuch("customer", id, { param });
  return row.wire;
}

function create(world: World, call: Call): Wire<Stripe.Customer> {
  const params = readParams({ ...FIELDS, test_clock: optional(text()) }, call.params);
  checkEmail(params.email);
  const testClock = params.test_clock ?? null;
  if (testClock !== null && !world.state.testClocks.get(testClock)) {
    throw noSuch("test_clock", testClock, { param: "test_clock" });
  }
  const id = newId(world, "cus");
  const wire: Wire<Stripe.Customer> = {
    id,
    object: "customer",
    address: params.address ? { ...NO_ADDRESS, ...sent(params.address) } : null,
    balance: 0,
    created: seconds(scopeNow(world, testClock)),
    currency: null,
    default_source: null,
    delinquent: false,
    description: params.description ?? null,
    discount: null,
    email: params.email ?? null,
    invoice_prefix: id.slice(-7).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: methodOf(world, params.invoice_settings, null),
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    name: params.name ?? null,
    next_invoice_sequence: 1,
    phone: params.phone ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: testClock,
  };
  world.state.customers.put({ id, testClock, wire });
  emitSnapshot(world, "customer.created", wire);
  return wire;
}

/** The card that is charged from now on. @throws ApiError 400 for one that is not on file */
function methodOf(
  world: World,
  given: { default_payment_method?: string | null | undefined } | undefined,
  before: string | null,
): string | null {
  const id = given?.default_payment_method;
  if (id === undefined) return before;
  if (id !== null && !world.state.paymentMethods.get(id)) {
    throw noSuch("PaymentMethod", id, { param: "invoice_settings[default_payment_method]" });
  }
  return id;
}

function checkEmail(email: string | null | undefined): void {
  if (email == null || email.includes("@")) return;
  throw invalidRequest(`Invalid email address: ${email}`, { code: "email_invalid", param: "email" });
}

/** Deletes a customer; usage that is accepted but not processed yet will not find it any more. */
export function deleteCustomer(world: World, id: string): void {
  const wire = requireCustomer(world, id, "id");
  world.state.customers.delete(id);
  world.state.deletedCustomers.put({ id });
  emitSnapshot(world, "customer.deleted", wire);
}

const LIST = {
  ...LIST_PARAMS,
  email: optional(text()),
  test_clock: optional(text()),
  created: optional(object({ gte: optional(unixTime()), lte: optional(unixTime()) })),
};

/** `/v1/customers`, except for deletion, which ends subscriptions too */
export const CUSTOMER_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/customers", handle: create },
  {
    method: "GET",
    pattern: "/v1/customers",
    handle: (world, call): WireList<Wire<Stripe.Customer>> => {
      const params = readParams(LIST, call.params);
      // Customers on test clocks are left out unless their clock is asked for, as Stripe's reference says.
      const rows = world.state.customers
        .values()
        .filter((row) => row.testClock === (params.test_clock ?? null))
        .map((row) => row.wire)
        .filter((wire) => params.email === undefined || wire.email === params.email)
        .filter((wire) => wire.created >= (params.created?.gte ?? 0))
        .filter((wire) => wire.created <= (params.created?.lte ?? wire.created));
      return pageOf(rows.reverse(), params, call.url);
    },
  },
  {
    method: "GET",
    pattern: "/v1/customers/:id",
    handle: (world, call): Wire<Stripe.Customer | Stripe.DeletedCustomer> => {
      readParams({}, call.params);
      const id = pathPart(call, "id");
      if (world.state.deletedCustomers.get(id)) return { id, object: "customer", deleted: true };
      const row = world.state.customers.get(id);
      if (!row) throw noSuch("customer", id);
      return row.wire;
    },
  },
  {
    method: "POST",
    pattern: "/v1/customers/:id",
    handle: (world, call): Wire<Stripe.Customer> => {
      const id = pathPart(call, "id");
      const row = world.state.customers.get(id);
      if (!row) throw noSuch("customer", id);
      const { metadata: changed, address, invoice_settings, ...rest } = readParams(FIELDS, call.params);
      const before = row.wire.invoice_settings;
      const method = methodOf(world, invoice_settings, before.default_payment_method as string | null);
      checkEmail(rest.email);
      const wire: Wire<Stripe.Customer> = {
        ...row.wire,
        ...sent(rest),
        invoice_settings: { ...before, default_payment_method: method },
        ...(address === undefined ? {} : { address: address && { ...NO_ADDRESS, ...sent(address) } }),
        metadata: mergeMetadata(row.wire.metadata, changed),
      };
      world.state.customers.patch(id, { wire });
      emitSnapshot(world, "customer.updated", wire);
      return wire;
    },
  },
];
