import {
  type AcceptedUsage,
  acceptUsage,
  customerPeriodAt,
  type EpochMs,
  type MeterDefinition,
  type UsageInput,
  type Window,
  windowContains,
} from "@meterline/billing-domain";
import type { BillingProfile, MeterRow } from "../catalog/index.ts";
import { type LeaseClaim, limitedUseOf } from "../limits/index.ts";
import { contentHash, usageEventId } from "../usage/index.ts";
import type { IngestEvent } from "./ingest-event.ts";
import type { UsageRejection } from "./ingest-outcome.ts";

/** One item as it was sent; exactly one of the two customer fields is set. */
export type IngestItem = UsageInput & {
  customerId: string | null;
  externalCustomerId: string | null;
  /** Of the lease that it was decided under. */
  leaseToken?: string | null;
  /** The reservation that it commits; set by us alone. */
  holdId?: string | null;
};

/** What is known when an item is judged. */
export type IngestFacts = {
  profile: BillingProfile | null;
  meter: MeterRow | null;
  receivedAt: EpochMs;
  mayBackfill: boolean;
  /** Reads a lease's token; null for one that we did not sign. */
  readLease: (token: string) => LeaseClaim | null;
};

/** Judges one item: the event that it would become, or why it is refused. */
export function judgeItem(
  item: IngestItem,
  facts: IngestFacts,
): { ok: true; event: IngestEvent } | { ok: false; rejection: UsageRejection } {
  const { profile, meter } = facts;
  if ((item.customerId === null) === (item.externalCustomerId === null)) return unknownCustomer(item);
  if (profile === null) return unknownCustomer(item);
  if (meter === null) return unknownMeter(item.meterKey);
  const accepted = acceptUsage(item, {
    meter: meter.definition,
    receivedAt: facts.receivedAt,
    mayBackfill: facts.mayBackfill,
  });
  if (!accepted.ok) return { ok: false, rejection: accepted.refusal };
  const lease = item.leaseToken ? facts.readLease(item.leaseToken) : null;
  if (item.leaseToken && lease?.customerId !== profile.customerId) return invalidLease();
  const holdId = lease?.holdId ?? item.holdId ?? null;
  const event = eventOf({ profile, meter, usage: accepted.usage, receivedAt: facts.receivedAt, holdId });
  if (meter.definition.requiresSubscription && customerPeriodAt(profile.subscriptions, event.occurredAt).term === null)
    return noSubscription(meter.definition);
  return { ok: true, event };
}

function eventOf(from: {
  profile: BillingProfile;
  meter: MeterRow;
  usage: AcceptedUsage;
  receivedAt: EpochMs;
  holdId: string | null;
}): IngestEvent {
  const { profile, meter, usage, receivedAt, holdId } = from;
  return placeEvent(
    {
      id: usageEventId(profile.customerId, usage.idempotencyKey),
      customerId: profile.customerId,
      meterId: meter.id,
      meter: meter.definition,
      quantity: usage.quantity,
      quantityText: usage.quantityText,
      occurredAt: usage.occurredAt,
      receivedAt,
      idempotencyKey: usage.idempotencyKey,
      contentHash: contentHash(usage.canonicalContent),
      properties: usage.properties,
      uniqueValue: usage.uniqueValue,
      dimensionKey: usage.dimensionKey,
      counted: usage.counted,
      holdId,
    },
    profile,
  );
}

/** Puts an event into its customer's billing period, and under its limits, as the profile now has them. */
export function placeEvent(
  event: Omit<IngestEvent, "billingVersion" | "historical" | "late" | "period" | "limited">,
  profile: BillingProfile,
): IngestEvent {
  const historical = event.occurredAt < profile.goLiveAt;
  return {
    ...event,
    billingVersion: profile.billingVersion,
    historical,
    limited: limitedUseOf(profile, { ...event, historical }),
    late: profile.frozenUntil !== null && event.occurredAt < profile.frozenUntil,
    period: periodOf(profile, event.occurredAt),
  };
}

/** The period that usage of a profile fell into last: nearly always that of the next event, too. */
const lastPeriods = new WeakMap<BillingProfile, Window>();

function periodOf(profile: BillingProfile, at: EpochMs): Window {
  const last = lastPeriods.get(profile);
  if (last !== undefined && windowContains(last, at)) return last;
  const { window } = customerPeriodAt(profile.subscriptions, at);
  lastPeriods.set(profile, window);
  return window;
}

function unknownCustomer(item: IngestItem): { ok: false; rejection: UsageRejection } {
  const given = (item.customerId === null ? 0 : 1) + (item.externalCustomerId === null ? 0 : 1);
  const field = item.customerId === null ? "externalCustomerId" : "customerId";
  const message =
    given !== 1
      ? "Give exactly one of customerId and externalCustomerId."
      : `There is no customer with ${field} "${item.customerId ?? item.externalCustomerId}". Create it with createCustomer first.`;
  return { ok: false, rejection: { code: "UNKNOWN_CUSTOMER", field, message } };
}

function unknownMeter(meterKey: string): { ok: false; rejection: UsageRejection } {
  const message = `There is no meter with the key "${meterKey}". Add it to the catalog, or correct meterKey.`;
  return { ok: false, rejection: { code: "UNKNOWN_METER", field: "meterKey", message } };
}

function noSubscription(meter: MeterDefinition): { ok: false; rejection: UsageRejection } {
  const message = `The meter "${meter.key}" takes usage of subscribed customers only, and this customer had no subscription when it occurred.`;
  return { ok: false, rejection: { code: "NO_ACTIVE_SUBSCRIPTION", field: "occurredAt", message } };
}

function invalidLease(): { ok: false; rejection: UsageRejection } {
  const message =
    "leaseToken is not one of a lease of this customer. Send the token as leaseUsage answered it, or leave it out.";
  return { ok: false, rejection: { code: "INVALID_LEASE", field: "leaseToken", message } };
}
