import {
  canHoldAmount,
  type EpochMs,
  type LimitDefinition,
  type LimitedUsage,
  type LimitInForce,
  limitCounts,
  customerPeriodAt,
} from "@meterline/billing-domain";
import type { BillingProfile } from "../catalog/index.ts";
import type { NewUsageEvent } from "../usage/index.ts";
import { type AskedValue, dimensionValuesOf } from "./limit-facts.ts";
import {
  everyLimitOf,
  hasLimits,
  limitsHolding,
  type PlacedLimit,
  placed,
  tallySourceOf,
} from "./limits-of-profile.ts";
import type { LimitMeter, TallyRequest } from "./tally-request.ts";

/** One limit that an event touches. One that does not hold for it is only counted, for when it holds again. */
export type TouchedLimit = TallyRequest & { holds: boolean };

/** What limits have to do with one event. */
export type LimitedUse = {
  profile: BillingProfile;
  meter: LimitMeter;
  /** Those that are decided or counted with the event, under the customer's limit lock; none where nothing has to be. */
  touched: readonly TouchedLimit[];
};

type Event = Pick<
  NewUsageEvent,
  | "meterId"
  | "meter"
  | "quantity"
  | "occurredAt"
  | "receivedAt"
  | "uniqueValue"
  | "properties"
  | "dimensionKey"
  | "counted"
  | "historical"
>;

/** Which limits an event touches; null, at the cost of one look-up, for customers without any. */
export function limitedUseOf(profile: BillingProfile, event: Event): LimitedUse | null {
  if (!event.counted || !hasLimits(profile)) return null;
  const meter: LimitMeter = { id: event.meterId, definition: event.meter };
  const usage = limitedUsageOf(event);
  const at = event.occurredAt;
  const holding = limitsHolding(profile, { at, now: event.receivedAt }).filter(({ limit }) =>
    limitCounts(limit.definition, usage),
  );
  const touched = holding.flatMap((one): TouchedLimit[] => {
    const request = { ...one, limit: { ...one.limit, definition: heldTo(one, event) }, profile, meter };
    const source = tallySourceOf(request.limit, event.meter);
    // Read when it is asked for: levels are never decided, and a soft limit on a bill stops nobody.
    const isRead = source === "LEVELS" || (source === "BILL" && request.limit.definition.policy !== "HARD");
    return isRead ? [] : [{ ...request, holds: true }];
  });
  const held = new Set(touched.map(({ limit }) => limit.id));
  const period = touched[0]?.period ?? customerPeriodAt(profile.subscriptions, at);
  for (const limit of everyLimitOf(profile)) {
    if (held.has(limit.id) || tallySourceOf(limit, event.meter) !== "COUNTER") continue;
    if (!limitCounts(limit.definition, usage)) continue;
    touched.push({ ...placed(profile, watched(limit), { at, period }), profile, meter, holds: false });
  }
  return { profile, meter, touched: touched.some(isDecidedOrCounted) ? touched : [] };
}

function isDecidedOrCounted({ limit, meter }: TouchedLimit): boolean {
  return limit.definition.policy === "HARD" || tallySourceOf(limit, meter?.definition ?? null) === "COUNTER";
}

function watched(limit: LimitInForce): LimitInForce {
  return { ...limit, definition: { ...limit.definition, policy: "NOTIFY" } };
}

/**
 * What a hard limit is held to. History that is imported after its window has passed is recorded as it was: refusing it
 * would stop nobody. An amount is held as a soft limit where the plan of that time had prices that cannot be decided.
 */
function heldTo({ limit, window, period }: PlacedLimit, event: Event): LimitDefinition {
  const { definition } = limit;
  if (definition.policy !== "HARD") return definition;
  if (event.historical && window.endAt <= event.receivedAt) return { ...definition, policy: "NOTIFY" };
  if (definition.amount !== undefined && !canHoldAmount(definition, period.term?.plan.rateCards ?? []))
    return { ...definition, policy: "SOFT" };
  return definition;
}

/** An event as limits look at it. */
export function limitedUsageOf(
  event: Pick<Event, "meter" | "quantity" | "occurredAt" | "uniqueValue" | "properties" | "dimensionKey">,
): LimitedUsage {
  const { meter, quantity, occurredAt, uniqueValue, properties, dimensionKey } = event;
  return {
    meterKey: meter.key,
    aggregation: meter.aggregation,
    quantity,
    occurredAt,
    uniqueValue,
    properties,
    groupBy: meter.groupBy,
    dimensionValues: dimensionKey === null ? null : dimensionValuesOf(dimensionKey),
  };
}

/** The distinct value that an event brings to its billing period, if it brings one. */
export function askedValueOf(
  event: Pick<NewUsageEvent, "customerId" | "meterId" | "meter" | "uniqueValue"> & { period: { startAt: EpochMs } },
): AskedValue[] {
  const { customerId, meterId, meter, uniqueValue, period } = event;
  if (uniqueValue === null) return [];
  return [{ customerId, meter: { id: meterId, definition: meter }, periodStartAt: period.startAt, value: uniqueValue }];
}
