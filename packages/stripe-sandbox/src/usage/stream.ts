import type Stripe from "stripe";
import { newId, type World } from "../core/world.ts";
import type { Call, Route } from "../http/route.ts";
import { invalidRequest, v2Error } from "../wire/errors.ts";
import { list, object, optional, readParams, rfc3339Time, stringMap, text } from "../wire/params.ts";
import { rfc3339, type Wire } from "../wire/wire.ts";
import { acceptUsage } from "./accept.ts";

const SESSION_MS = 15 * 60_000;
const MAX_EVENTS = 100;

function openSession(world: World, call: Call): Wire<Stripe.V2.Billing.MeterEventSession> {
  readParams({}, call.params);
  const now = world.clock.now();
  const token = newId(world, "mestoken");
  world.state.meterSessions.put({ id: token, expiresAt: now + SESSION_MS });
  return {
    id: newId(world, "mes"),
    object: "v2.billing.meter_event_session",
    authentication_token: token,
    created: rfc3339(now),
    expires_at: rfc3339(now + SESSION_MS),
    livemode: false,
  };
}

const EVENT = object({
  event_name: text(100),
  payload: stringMap(),
  identifier: optional(text(100)),
  timestamp: optional(rfc3339Time()),
});

/** Takes everything: all checks of the events themselves come later. A known identifier is dropped without a word. */
function stream(world: World, call: Call): Record<string, never> {
  const session = world.state.meterSessions.get(call.key);
  if (!session || session.expiresAt <= world.clock.now()) {
    // The status is not published; 401 is what is commonly given.
    const code = "billing_meter_event_session_expired";
    throw v2Error(401, code, "The meter event session has expired.", "temporary_session_expired");
  }
  const { events } = readParams({ events: list(EVENT, MAX_EVENTS) }, call.params);
  if (events.length === 0) throw invalidRequest("At least one event is needed.", { param: "events" });
  for (const { timestamp, ...event } of events) {
    const isKnown = event.identifier !== undefined && world.state.usage.recall(event.identifier, world.clock.now());
    if (!isKnown) acceptUsage(world, { ...event, timestampMs: timestamp });
  }
  return {};
}

/** `/v2/billing/meter_event_session` and `/v2/billing/meter_event_stream` */
export const STREAM_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v2/billing/meter_event_session", handle: openSession },
  { method: "POST", pattern: "/v2/billing/meter_event_stream", handle: stream },
];
