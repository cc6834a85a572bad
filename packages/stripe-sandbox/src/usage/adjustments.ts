import type Stripe from "stripe";
import { newId, type World } from "../core/world.ts";
import type { Call, Route } from "../http/route.ts";
import { invalidRequest, v2Error } from "../wire/errors.ts";
import { object, oneOf, readParams, text } from "../wire/params.ts";
import { rfc3339, type Wire } from "../wire/wire.ts";

const PARAMS = { event_name: text(100), type: oneOf("cancel"), cancel: object({ identifier: text(100) }) };

/**
 * Cancels the event with this identifier, at most 24 hours after its receipt (whatever its timestamp). Its identifier
 * stays taken: whether Stripe frees it is unknown.
 */
function cancel(world: World, call: Call, refuse: (message: string) => Error): { identifier: string; isDone: boolean } {
  const { event_name: eventName, cancel: asked } = readParams(PARAMS, call.params);
  const { usage } = world.state;
  const memory = usage.recall(asked.identifier, world.clock.now());
  if (!memory || memory.eventName !== eventName || usage.isCancelled(memory.order)) {
    // Late, unknown and cancelled before are told alike, because no text for any of them is published.
    throw refuse(
      `No event that can be cancelled was received in the last 24 hours with identifier ${asked.identifier}.`,
    );
  }
  usage.cancel(memory);
  return { identifier: asked.identifier, isDone: memory.key !== null };
}

/** `/v1/billing/meter_event_adjustments` and `/v2/billing/meter_event_adjustments` */
export const ADJUSTMENT_ROUTES: readonly Route[] = [
  {
    method: "POST",
    pattern: "/v1/billing/meter_event_adjustments",
    handle: (world, call): Wire<Stripe.Billing.MeterEventAdjustment> => {
      const { identifier, isDone } = cancel(world, call, (message) => invalidRequest(message));
      return {
        object: "billing.meter_event_adjustment",
        cancel: { identifier },
        event_name: String(call.params["event_name"]),
        livemode: false,
        status: isDone ? "complete" : "pending",
        type: "cancel",
      };
    },
  },
  {
    method: "POST",
    pattern: "/v2/billing/meter_event_adjustments",
    handle: (world, call): Wire<Stripe.V2.Billing.MeterEventAdjustment> => {
      const refuse = (message: string) => v2Error(400, "invalid_cancel_configuration", message);
      const { identifier, isDone } = cancel(world, call, refuse);
      return {
        id: newId(world, "mevtadj"),
        object: "v2.billing.meter_event_adjustment",
        cancel: { identifier },
        created: rfc3339(world.clock.now()),
        event_name: String(call.params["event_name"]),
        livemode: false,
        status: isDone ? "complete" : "pending",
        type: "cancel",
      };
    },
  },
];
