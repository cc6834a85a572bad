import type Stripe from "stripe";
import { newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import { object, oneOf, optional, readParams, text } from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";

type Meter = Wire<Stripe.Billing.Meter>;

const CREATE = {
  display_name: text(250),
  event_name: text(100),
  default_aggregation: object({ formula: oneOf("sum", "count", "last") }),
  customer_mapping: optional(object({ type: oneOf("by_id"), event_payload_key: text(100) })),
  value_settings: optional(object({ event_payload_key: text(100) })),
  event_time_window: optional(oneOf("hour", "day")),
};

function create(world: World, call: Call): Meter {
  const params = readParams(CREATE, call.params);
  // Whether a deactivated meter frees its name is unknown; the harsher reading is that it does not.
  if (world.state.meters.by("eventName", params.event_name).length > 0) {
    throw invalidRequest(`A meter with event name ${params.event_name} already exists.`, { param: "event_name" });
  }
  const created = seconds(world.clock.now());
  const wire: Meter = {
    id: newId(world, "mtr"),
    object: "billing.meter",
    created,
    customer_mapping: params.customer_mapping ?? { event_payload_key: "stripe_customer_id", type: "by_id" },
    default_aggregation: params.default_aggregation,
    display_name: params.display_name,
    event_name: params.event_name,
    event_time_window: params.event_time_window ?? null,
    livemode: false,
    status: "active",
    status_transitions: { deactivated_at: null },
    updated: created,
    value_settings: params.value_settings ?? { event_payload_key: "value" },
  };
  world.state.meters.put({ id: wire.id, eventName: wire.event_name, wire });
  emitSnapshot(world, "billing.meter.created", wire);
  return wire;
}

/** The meter in the path. @throws ApiError 404 */
export function requireMeter(world: World, call: Call): Meter {
  const row = world.state.meters.get(pathPart(call, "id"));
  if (!row) throw noSuch("meter", pathPart(call, "id"));
  return row.wire;
}

function change(world: World, meter: Meter, changes: Partial<Meter>, event: string): Meter {
  const wire = { ...meter, ...changes, updated: seconds(world.clock.now()) };
  world.state.meters.patch(meter.id, { wire });
  emitSnapshot(world, event, wire);
  return wire;
}

function setStatus(world: World, call: Call, status: "active" | "inactive"): Meter {
  readParams({}, call.params);
  const meter = requireMeter(world, call);
  if (meter.status === status) throw invalidRequest(`This meter is already ${status}.`);
  const deactivatedAt = status === "active" ? null : seconds(world.clock.now());
  const event = status === "active" ? "billing.meter.reactivated" : "billing.meter.deactivated";
  return change(world, meter, { status, status_transitions: { deactivated_at: deactivatedAt } }, event);
}

/** `/v1/billing/meters` without its summaries */
export const METER_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/billing/meters", handle: create },
  {
    method: "GET",
    pattern: "/v1/billing/meters",
    handle: (world, call): WireList<Meter> => {
      const params = readParams({ ...LIST_PARAMS, status: optional(oneOf("active", "inactive")) }, call.params);
      const rows = world.state.meters.values().map((row) => row.wire);
      const wanted = rows.filter((wire) => params.status === undefined || wire.status === params.status);
      return pageOf(wanted.reverse(), params, call.url);
    },
  },
  { method: "GET", pattern: "/v1/billing/meters/:id", handle: requireMeter },
  {
    method: "POST",
    pattern: "/v1/billing/meters/:id",
    handle: (world, call): Meter => {
      const meter = requireMeter(world, call);
      const { display_name } = readParams({ display_name: optional(text(250)) }, call.params);
      return change(world, meter, display_name === undefined ? {} : { display_name }, "billing.meter.updated");
    },
  },
  {
    method: "POST",
    pattern: "/v1/billing/meters/:id/deactivate",
    handle: (world, call) => setStatus(world, call, "inactive"),
  },
  {
    method: "POST",
    pattern: "/v1/billing/meters/:id/reactivate",
    handle: (world, call) => setStatus(world, call, "active"),
  },
];
