import type Stripe from "stripe";
import type { EndpointRecord } from "../core/records.ts";
import { newId, type World } from "../core/world.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { v2Error } from "../wire/errors.ts";
import { list, metadata, object, oneOf, optional, readParams, text } from "../wire/params.ts";
import { rfc3339, type Wire } from "../wire/wire.ts";
import { checkUrl } from "./endpoints.ts";

type Destination = Wire<Stripe.V2.Core.EventDestination>;

const INCLUDE = optional(list(oneOf("webhook_endpoint.signing_secret", "webhook_endpoint.url")));
const CREATE = {
  name: text(),
  // Event bridges of clouds are not imitated.
  type: oneOf("webhook_endpoint"),
  event_payload: oneOf("snapshot", "thin"),
  enabled_events: list(text()),
  description: optional(text()),
  metadata: optional(metadata()),
  snapshot_api_version: optional(text()),
  webhook_endpoint: object({ url: text() }),
  include: INCLUDE,
};

function create(world: World, call: Call): Destination {
  const params = readParams(CREATE, call.params);
  const { url } = params.webhook_endpoint;
  checkUrl(url, "webhook_endpoint.url");
  const now = rfc3339(world.clock.now());
  const secret = newId(world, "whsec");
  const wire: Destination = {
    id: newId(world, "ed"),
    object: "v2.core.event_destination",
    created: now,
    description: params.description ?? "",
    enabled_events: params.enabled_events,
    event_payload: params.event_payload,
    livemode: false,
    metadata: params.metadata ?? {},
    name: params.name,
    status: "enabled",
    type: "webhook_endpoint",
    updated: now,
    ...(params.snapshot_api_version === undefined ? {} : { snapshot_api_version: params.snapshot_api_version }),
  };
  const { id, enabled_events: enabledEvents } = wire;
  const base = { id, url, secret, payload: params.event_payload, enabledEvents, enabled: true };
  world.state.endpoints.put({ ...base, family: "v2", wire });
  return shown(wire, { url, secret }, params.include);
}

function shown(
  wire: Destination,
  hidden: { url: string; secret?: string },
  include: readonly string[] = [],
): Destination {
  if (include.length === 0) return wire;
  const withUrl = include.includes("webhook_endpoint.url") ? { url: hidden.url } : {};
  const wantsSecret = include.includes("webhook_endpoint.signing_secret") && hidden.secret !== undefined;
  return {
    ...wire,
    webhook_endpoint: { ...withUrl, ...(wantsSecret ? { signing_secret: hidden.secret ?? "" } : {}) },
  };
}

function find(world: World, call: Call): EndpointRecord & { family: "v2" } {
  const row = world.state.endpoints.get(pathPart(call, "id"));
  if (row?.family !== "v2") throw v2Error(404, "not_found", `Event destination ${pathPart(call, "id")} not found.`);
  return row;
}

function setEnabled(world: World, call: Call, enabled: boolean): Destination {
  const row = find(world, call);
  const status = enabled ? "enabled" : "disabled";
  const reason = enabled ? {} : { status_details: { disabled: { reason: "user" as const } } };
  const { status_details: _before, ...kept } = row.wire;
  const wire: Destination = { ...kept, ...reason, status, updated: rfc3339(world.clock.now()) };
  world.state.endpoints.put({ ...row, enabled, wire });
  return wire;
}

/** `/v2/core/event_destinations`: snapshot or thin events; the secret shows only at creation, when it is included */
export const DESTINATION_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v2/core/event_destinations", handle: create },
  {
    method: "GET",
    pattern: "/v2/core/event_destinations",
    handle: (world, call) => {
      const params = readParams({ include: INCLUDE }, call.params);
      const rows = world.state.endpoints.values().flatMap((row) => (row.family === "v2" ? [row] : []));
      const data = rows.reverse().map((row) => shown(row.wire, { url: row.url }, params.include));
      return { data, next_page_url: null, previous_page_url: null };
    },
  },
  {
    method: "GET",
    pattern: "/v2/core/event_destinations/:id",
    handle: (world, call): Destination => {
      const { include } = readParams({ include: INCLUDE }, call.params);
      const row = find(world, call);
      return shown(row.wire, { url: row.url }, include);
    },
  },
  {
    method: "POST",
    pattern: "/v2/core/event_destinations/:id/disable",
    handle: (world, call) => setEnabled(world, call, false),
  },
  {
    method: "POST",
    pattern: "/v2/core/event_destinations/:id/enable",
    handle: (world, call) => setEnabled(world, call, true),
  },
  {
    method: "DELETE",
    pattern: "/v2/core/event_destinations/:id",
    handle: (world, call) => {
      const { id } = find(world, call);
      world.state.endpoints.delete(id);
      return { id, object: "v2.core.event_destination" };
    },
  },
];
