import type Stripe from "stripe";
import type { EndpointRecord } from "../core/records.ts";
import { newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import { clearable, flag, list, mergeMetadata, metadata, optional, readParams, sent, text } from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";

type Endpoint = Wire<Stripe.WebhookEndpoint>;

const FIELDS = {
  description: optional(clearable(text())),
  metadata: optional(metadata()),
};

/** @throws ApiError 400 for anything but http and https; a sandbox takes plain HTTP */
export function checkUrl(url: string, param: string): void {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw invalidRequest("Invalid URL", { code: "url_invalid", param });
}

function create(world: World, call: Call): Endpoint {
  const shape = { ...FIELDS, url: text(), enabled_events: list(text()), api_version: optional(text()) };
  const params = readParams(shape, call.params);
  checkUrl(params.url, "url");
  const secret = newId(world, "whsec");
  const wire: Endpoint = {
    id: newId(world, "we"),
    object: "webhook_endpoint",
    api_version: params.api_version ?? null,
    application: null,
    created: seconds(world.clock.now()),
    description: params.description ?? null,
    enabled_events: params.enabled_events,
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    status: "enabled",
    url: params.url,
  };
  const { id, url, enabled_events: enabledEvents } = wire;
  const row = { id, url, secret, payload: "snapshot", enabledEvents, enabled: true, family: "v1", wire } as const;
  world.state.endpoints.put(row);
  return { ...wire, secret };
}

function find(world: World, call: Call): EndpointRecord & { family: "v1" } {
  const row = world.state.endpoints.get(pathPart(call, "id"));
  if (row?.family !== "v1") throw noSuch("webhook_endpoint", pathPart(call, "id"));
  return row;
}

function update(world: World, call: Call): Endpoint {
  const row = find(world, call);
  const shape = {
    ...FIELDS,
    url: optional(text()),
    enabled_events: optional(list(text())),
    disabled: optional(flag()),
  };
  const { metadata: changed, disabled, ...rest } = readParams(shape, call.params);
  if (rest.url !== undefined) checkUrl(rest.url, "url");
  const enabled = disabled === undefined ? row.enabled : !disabled;
  const status = enabled ? "enabled" : "disabled";
  const wire: Endpoint = { ...row.wire, ...sent(rest), metadata: mergeMetadata(row.wire.metadata, changed), status };
  world.state.endpoints.put({ ...row, url: wire.url, enabledEvents: wire.enabled_events, enabled, wire });
  return wire;
}

/** `/v1/webhook_endpoints`: snapshot events only, and the secret only in the reply that creates one */
export const ENDPOINT_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/webhook_endpoints", handle: create },
  {
    method: "GET",
    pattern: "/v1/webhook_endpoints",
    handle: (world, call): WireList<Endpoint> => {
      const params = readParams(LIST_PARAMS, call.params);
      const rows = world.state.endpoints.values().flatMap((row) => (row.family === "v1" ? [row.wire] : []));
      return pageOf(rows.reverse(), params, call.url);
    },
  },
  { method: "GET", pattern: "/v1/webhook_endpoints/:id", handle: (world, call): Endpoint => find(world, call).wire },
  { method: "POST", pattern: "/v1/webhook_endpoints/:id", handle: update },
  {
    method: "DELETE",
    pattern: "/v1/webhook_endpoints/:id",
    handle: (world, call): Wire<Stripe.DeletedWebhookEndpoint> => {
      const { id } = find(world, call);
      world.state.endpoints.delete(id);
      return { id, object: "webhook_endpoint", deleted: true };
    },
  },
];
