import type { MeterDefinition } from "@meterline/billing-domain";
import type { Stripe } from "../../platform/stripe/index.ts";
import type { OurMeter, StoredLinks, StripeChange, TheirCatalog } from "./stripe-changes.ts";

/** The Stripe meter that prices stand on: its id, NEW while it is yet to be made, null where there is none to be. */
export type PlannedMeter = { stripeMeterId: string | "NEW" | null; changes: StripeChange[] };

/** What a meter of ours needs at Stripe. */
export function planMeterChange(meter: OurMeter, stored: StoredLinks, theirs: TheirCatalog): PlannedMeter {
  const { definition } = meter;
  const path = `meters.${definition.key}`;
  if (definition.stripeTransport === "NONE" || definition.stripeTransport === "USAGE_RECORDS")
    return { stripeMeterId: null, changes: [] };
  const eventName = eventNameOf(definition);
  const found = theirs.meters.find((one) => one.event_name === eventName);
  if (found === undefined) {
    const summary = `new meter with the event name ${eventName}: sum`;
    const operation = { do: "MAKE_METER", meter, eventName } as const;
    return { stripeMeterId: "NEW", changes: [{ kind: "ADD", path, summary, operation }] };
  }
  const misfit = misfitOf(definition, found);
  if (misfit !== null) {
    const summary = `${found.id} has the event name ${eventName} and ${misfit}`;
    return { stripeMeterId: null, changes: [{ kind: "REFUSE", path, summary, operation: null }] };
  }
  const known = stored.meters.get(definition.key);
  const isOurs = known?.stripeMeterId === found.id && !known.adopted;
  const rename = isOurs && found.display_name !== definition.name ? definition.name : null;
  const reactivate = found.status === "inactive";
  if (known?.stripeMeterId === found.id && !reactivate && rename === null)
    return { stripeMeterId: found.id, changes: [] };
  const operation = { do: "LINK_METER", meter, stripe: found, reactivate, rename } as const;
  const kind = known?.stripeMeterId === found.id ? "MEND" : "ADOPT";
  const done = [
    kind === "ADOPT" ? `the account's meter ${found.id} (${found.default_aggregation.formula})` : found.id,
    ...(reactivate ? ["is activated again"] : []),
    ...(rename === null ? [] : [`is renamed to ${rename}`]),
  ];
  return { stripeMeterId: found.id, changes: [{ kind, path, summary: done.join(", "), operation }] };
}

/** The event name of a meter at Stripe. */
export const eventNameOf = (definition: MeterDefinition): string => definition.stripeEventName ?? definition.key;

/**
 * Why reports cannot go to a meter that exists. We tell Stripe by how much a total has moved, which only a sum adds up;
 * the latest value of a LATEST meter may also go as it is. A meter with a time window keeps one event of each window and
 * forgets the others, so that no sum of moves survives it.
 */
function misfitOf(definition: MeterDefinition, found: Stripe.Billing.Meter): string | null {
  const { formula } = found.default_aggregation;
  const other = "; give the meter another stripeEventName in the catalog";
  if (found.event_time_window !== null) return `keeps one event a ${found.event_time_window} only${other}`;
  if (formula === "count") return `counts events, whatever they hold${other}`;
  if (formula === "last" && definition.aggregation !== "LATEST")
    return `keeps the last value only, which fits LATEST and not ${definition.aggregation}${other}`;
  if (formula !== "sum" && formula !== "last")
    return `has the formula ${String(formula)}, which is not known here${other}`;
  return null;
}
