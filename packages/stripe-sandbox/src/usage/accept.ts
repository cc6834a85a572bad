import type Stripe from "stripe";
import type { UsageFailure } from "../core/usage-ledger.ts";
import { customerNow, newId, type World } from "../core/world.ts";
import type { EpochMs } from "../core/time.ts";
import { rfc3339, type Wire } from "../wire/wire.ts";

/** A meter event as it was sent. */
export type SentUsage = {
  event_name: string;
  payload: Record<string, string>;
  identifier?: string | undefined;
  timestampMs?: EpochMs | undefined;
};

/** A mistake in an event, with the code that reports and v2 give it. */
export type UsageFault = { code: string; message: string; meter: string | null };

const DAY_MS = 86_400_000;
/** Both bounds are inclusive: https://docs.stripe.com/api/billing/meter-event/create */
const OLDEST_MS = 35 * DAY_MS;
const NEWEST_MS = 300_000;
const MAX_SIGNIFICANT_DIGITS = 15;

/** The meter that counts events of this name, whatever its status. */
export function meterNamed(world: World, eventName: string): Wire<Stripe.Billing.Meter> | null {
  return world.state.meters.by("eventName", eventName)[0]?.wire ?? null;
}

/** The customer that an event is for, by the meter's own key; null when the payload does not say. */
export function customerOf(world: World, sent: { event_name: string; payload: Record<string, string> }): string | null {
  const key = meterNamed(world, sent.event_name)?.customer_mapping.event_payload_key ?? "stripe_customer_id";
  return sent.payload[key] ?? null;
}

/** The time that an event is held against: its customer's own, or the wall's when so set. */
export function receiptTime(world: World, customer: string | null): EpochMs {
  if (customer === null || world.options.testClockUsage === "wall") return world.clock.now();
  return customerNow(world, customer);
}

/** Too old, too far ahead, or null. `atMs` is the event's time. */
export function timestampFault(atMs: EpochMs, nowMs: EpochMs): UsageFault | null {
  const oldest = nowMs - OLDEST_MS;
  if (atMs < oldest) {
    const message =
      "The event timestamp cannot be more than 35 days in past. Expected a timestamp greater than or equal to " +
      `${Math.ceil(oldest / 1000)}.`;
    return { code: "timestamp_too_far_in_past", message, meter: null };
  }
  if (atMs <= nowMs + NEWEST_MS) return null;
  // No published text; worded as the one above, which is.
  const message = `The event timestamp cannot be more than 5 minutes in future: ${rfc3339(atMs)}.`;
  return { code: "timestamp_in_future", message, meter: null };
}

/** What is wrong with the value of an event, or null. Events of a counting meter need none. */
export function valueFault(meter: Wire<Stripe.Billing.Meter>, payload: Record<string, string>): UsageFault | null {
  const key = meter.value_settings.event_payload_key;
  const value = payload[key];
  if (value === undefined) {
    if (meter.default_aggregation.formula === "count") return null;
    return { code: "meter_event_value_not_found", message: `Value key ${key} not found in payload.`, meter: meter.id };
  }
  if (!/^-?\d+(\.\d+)?$/.test(value)) {
    return { code: "meter_event_invalid_value", message: `Invalid value for ${key}: ${value}.`, meter: meter.id };
  }
  if (value.replace(/[-.]/g, "").replace(/^0+/, "").length <= MAX_SIGNIFICANT_DIGITS) return null;
  const message = `The value of ${key} can have at most ${MAX_SIGNIFICANT_DIGITS} significant digits.`;
  return { code: "meter_event_value_too_many_digits", message, meter: meter.id };
}

/** Puts an event in the queue. Nothing is counted yet: that is what a 2xx means here, as at Stripe. */
export function acceptUsage(world: World, sent: SentUsage): { identifier: string; timestampMs: EpochMs } {
  const { usage } = world.state;
  const now = world.clock.now();
  const receivedAt = receiptTime(world, customerOf(world, sent));
  const timestampMs = sent.timestampMs ?? receivedAt;
  const identifier = sent.identifier ?? newId(world, "evtid");
  const order = usage.nextOrder();
  const jitterMs = world.options.lagJitterMs > 0 ? Math.floor(world.random() * world.options.lagJitterMs) : 0;
  usage.remember(identifier, { acceptedAt: now, eventName: sent.event_name, key: null, order });
  usage.accept({
    order,
    eventName: sent.event_name,
    payload: sent.payload,
    identifier,
    timestampS: Math.floor(timestampMs / 1000),
    receivedAt,
    processAt: now + world.options.lagMs + jitterMs,
  });
  return { identifier, timestampMs };
}

/** A fault as it waits for its report. */
export function failureOf(fault: UsageFault, identifier: string, failedAt: EpochMs): UsageFailure {
  return { ...fault, identifier, failedAt };
}
