import type Stripe from "stripe";
import type { World } from "../core/world.ts";
import type { Call, Route } from "../http/route.ts";
import { invalidRequest, noSuch, v2Error } from "../wire/errors.ts";
import { optional, readParams, rfc3339Time, stringMap, text, unixTime } from "../wire/params.ts";
import { rfc3339, seconds, type Wire } from "../wire/wire.ts";
import { acceptUsage, customerOf, meterNamed, receiptTime, timestampFault, valueFault } from "./accept.ts";

const SHARED = { event_name: text(100), payload: stringMap(), identifier: optional(text(100)) };

function createV1(world: World, call: Call): Wire<Stripe.Billing.MeterEvent> {
  const { timestamp, ...params } = readParams({ ...SHARED, timestamp: optional(unixTime()) }, call.params);
  const sent = { ...params, timestampMs: timestamp === undefined ? undefined : timestamp * 1000 };
  const customer = customerOf(world, sent);
  const meter = meterNamed(world, sent.event_name);
  const value = meter && valueFault(meter, sent.payload);
  if (value) throw invalidRequest(value.message, { param: "payload" });
  // Meter and customer are checked at once or not, as it comes; the other mistakes are told either way.
  if (world.random() >= world.options.asyncCheckRate) {
    if (meter?.status !== "active") throw invalidRequest("No active meter found with this event name");
    // A payload without a customer is only told by a report, which is the harsher reading of the documentation.
    if (customer !== null && !world.state.customers.get(customer))
      throw noSuch("customer", customer, { param: "payload" });
  }
  const late = sent.timestampMs === undefined ? null : timestampFault(sent.timestampMs, receiptTime(world, customer));
  if (late) throw invalidRequest(late.message, { param: "timestamp" });
  refuseKnown(world, sent.identifier, (message) => invalidRequest(message));
  const accepted = acceptUsage(world, sent);
  return {
    object: "billing.meter_event",
    created: seconds(world.clock.now()),
    event_name: sent.event_name,
    identifier: accepted.identifier,
    livemode: false,
    payload: sent.payload,
    timestamp: seconds(accepted.timestampMs),
  };
}

function createV2(world: World, call: Call): Wire<Stripe.V2.Billing.MeterEvent> {
  const { timestamp, ...params } = readParams({ ...SHARED, timestamp: optional(rfc3339Time()) }, call.params);
  const sent = { ...params, timestampMs: timestamp };
  const customer = customerOf(world, sent);
  const meter = meterNamed(world, sent.event_name);
  if (world.random() >= world.options.asyncCheckRate) {
    if (!meter) throw v2Error(400, "no_meter", `No meter was found matching event_name ${sent.event_name}.`);
    if (meter.status !== "active") throw v2Error(400, "archived_meter", `Meter ${meter.id} is archived.`);
  }
  if (customer === null) {
    const key = meter?.customer_mapping.event_payload_key ?? "stripe_customer_id";
    throw v2Error(400, "payload_no_customer_defined", `Customer mapping key ${key} not found in payload.`);
  }
  const value = meter && valueFault(meter, sent.payload);
  if (value) {
    const isMissing = value.code === "meter_event_value_not_found";
    throw v2Error(400, isMissing ? "payload_no_value_defined" : "payload_invalid_value", value.message);
  }
  const late = timestamp === undefined ? null : timestampFault(timestamp, receiptTime(world, customer));
  // The codes of v2's timestamp refusals are not published; the asynchronous ones stand in.
  if (late) throw v2Error(400, late.code, late.message);
  refuseKnown(world, sent.identifier, (message) => v2Error(400, "duplicate_meter_event", message));
  const accepted = acceptUsage(world, sent);
  return {
    object: "v2.billing.meter_event",
    created: rfc3339(world.clock.now()),
    event_name: sent.event_name,
    identifier: accepted.identifier,
    livemode: false,
    payload: sent.payload,
    timestamp: rfc3339(accepted.timestampMs),
  };
}

function refuseKnown(world: World, identifier: string | undefined, refuse: (message: string) => Error): void {
  if (identifier === undefined || !world.state.usage.recall(identifier, world.clock.now())) return;
  throw refuse(`An event already exists with identifier ${identifier}.`);
}

/** One concurrent call for each customer and meter: https://docs.stripe.com/rate-limits */
function meterOfCustomer(world: World, call: Call): string[] {
  const { event_name: eventName, payload } = call.params;
  if (typeof eventName !== "string" || typeof payload !== "object" || payload === null) return [];
  const customer = customerOf(world, { event_name: eventName, payload: payload as Record<string, string> });
  return customer === null ? [] : [`${eventName} ${customer}`];
}

/** `/v1/billing/meter_events` and `/v2/billing/meter_events` */
export const METER_EVENT_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/billing/meter_events", handle: createV1, exclusive: meterOfCustomer },
  { method: "POST", pattern: "/v2/billing/meter_events", handle: createV2, exclusive: meterOfCustomer },
];
