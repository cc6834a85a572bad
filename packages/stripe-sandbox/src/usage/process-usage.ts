import type { PendingUsage } from "../core/usage-ledger.ts";
import type { World } from "../core/world.ts";
import { customerOf, failureOf, meterNamed, timestampFault, type UsageFault, valueFault } from "./accept.ts";

/** Counts the accepted events whose lag is over; what is wrong with one waits for an error report. */
export function processUsage(world: World): void {
  const { usage } = world.state;
  const now = world.clock.now();
  if (usage.queue.length === 0) return;
  const due = usage.queue.filter((event) => event.processAt <= now);
  if (due.length === 0) return;
  usage.queue = usage.queue.filter((event) => event.processAt > now);
  due.sort((left, right) => left.processAt - right.processAt || left.order - right.order);
  for (const event of due) processOne(world, event);
}

function processOne(world: World, event: PendingUsage): void {
  const { usage } = world.state;
  if (usage.isCancelled(event.order)) return;
  const meter = meterNamed(world, event.eventName);
  const customer = customerOf(world, { event_name: event.eventName, payload: event.payload });
  const fault = faultOf(world, event, customer);
  if (fault || !meter || customer === null) {
    if (fault) usage.failures.push(failureOf(fault, event.identifier, event.processAt));
    return;
  }
  const value = event.payload[meter.value_settings.event_payload_key] ?? "1";
  const { order, timestampS, identifier } = event;
  usage.count(meter.id, customer, { order, timestampS, value, identifier });
}

function faultOf(world: World, event: PendingUsage, customer: string | null): UsageFault | null {
  const meter = meterNamed(world, event.eventName);
  if (!meter) {
    return { code: "no_meter", message: `No meter was found matching event_name ${event.eventName}.`, meter: null };
  }
  const at = { meter: meter.id };
  if (meter.status !== "active") return { code: "archived_meter", message: `Meter ${meter.id} is archived.`, ...at };
  if (customer === null) {
    const key = meter.customer_mapping.event_payload_key;
    const message = `Customer mapping key ${key} not found in payload.`;
    return { code: "meter_event_no_customer_defined", message, ...at };
  }
  if (!world.state.customers.get(customer)) {
    return { code: "meter_event_customer_not_found", message: `No such customer: '${customer}'`, ...at };
  }
  const late = timestampFault(event.timestampS * 1000, event.receivedAt);
  return valueFault(meter, event.payload) ?? (late && { ...late, ...at });
}
