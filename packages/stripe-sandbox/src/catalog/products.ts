import type Stripe from "stripe";
import { newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import { clearable, flag, list, mergeMetadata, metadata, optional, readParams, sent, text } from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";

const FIELDS = {
  active: optional(flag()),
  description: optional(clearable(text(40_000))),
  metadata: optional(metadata()),
  unit_label: optional(clearable(text(12))),
};

/** Adds a product; prices made with `product_data` do it too. */
export function createProduct(
  world: World,
  content: { id?: string | undefined; name: string; metadata?: Record<string, string> | undefined },
): Wire<Stripe.Product> {
  const id = content.id ?? newId(world, "prod");
  if (world.state.products.get(id)) {
    throw invalidRequest("Product already exists.", { code: "resource_already_exists", param: "id" });
  }
  const created = seconds(world.clock.now());
  const wire: Wire<Stripe.Product> = {
    id,
    object: "product",
    active: true,
    created,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: mergeMetadata({}, content.metadata),
    name: content.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: "service",
    unit_label: null,
    updated: created,
    url: null,
  };
  world.state.products.put({ id, wire });
  return wire;
}

/** `/v1/products` */
export const PRODUCT_ROUTES: readonly Route[] = [
  {
    method: "POST",
    pattern: "/v1/products",
    handle: (world, call): Wire<Stripe.Product> => {
      const {
        metadata: given,
        name,
        id,
        ...rest
      } = readParams({ ...FIELDS, id: optional(text()), name: text() }, call.params);
      const created = createProduct(world, { id, name, metadata: given });
      const wire = world.state.products.patch(created.id, { wire: { ...created, ...sent(rest) } }).wire;
      emitSnapshot(world, "product.created", wire);
      return wire;
    },
  },
  {
    method: "GET",
    pattern: "/v1/products",
    handle: (world, call): WireList<Wire<Stripe.Product>> => {
      const shape = { ...LIST_PARAMS, active: optional(flag()), ids: optional(list(text())) };
      const params = readParams(shape, call.params);
      const rows = world.state.products
        .values()
        .map((row) => row.wire)
        .filter((wire) => params.active === undefined || wire.active === params.active)
        .filter((wire) => params.ids === undefined || params.ids.includes(wire.id));
      return pageOf(rows.reverse(), params, call.url);
    },
  },
  {
    method: "GET",
    pattern: "/v1/products/:id",
    handle: (world, call): Wire<Stripe.Product> => {
      const row = world.state.products.get(pathPart(call, "id"));
      if (!row) throw noSuch("product", pathPart(call, "id"));
      return row.wire;
    },
  },
  {
    method: "POST",
    pattern: "/v1/products/:id",
    handle: (world, call): Wire<Stripe.Product> => {
      const row = world.state.products.get(pathPart(call, "id"));
      if (!row) throw noSuch("product", pathPart(call, "id"));
      const { metadata: changed, ...rest } = readParams(
        { ...FIELDS, name: optional(text()), default_price: optional(text()) },
        call.params,
      );
      const wire: Wire<Stripe.Product> = {
        ...row.wire,
        ...sent(rest),
        metadata: mergeMetadata(row.wire.metadata, changed),
        updated: seconds(world.clock.now()),
      };
      world.state.products.patch(row.id, { wire });
      emitSnapshot(world, "product.updated", wire);
      return wire;
    },
  },
  {
    method: "DELETE",
    pattern: "/v1/products/:id",
    handle: (world, call): Wire<Stripe.DeletedProduct> => {
      const row = world.state.products.get(pathPart(call, "id"));
      if (!row) throw noSuch("product", pathPart(call, "id"));
      if (world.state.prices.values().some((price) => price.wire.product === row.id)) {
        throw invalidRequest("This product cannot be deleted because it has one or more user-created prices.");
      }
      world.state.products.delete(row.id);
      emitSnapshot(world, "product.deleted", row.wire);
      return { id: row.id, object: "product", deleted: true };
    },
  },
];
