import {
  acceptUsage,
  customerPeriodAt,
  type EpochMs,
  type LimitedUsage,
  parseQuantity,
  propertyText,
  readProperties,
  ZERO,
} from "@meterline/billing-domain";
import { badUserInput } from "../../platform/graphql/index.ts";
import type { BillingProfile } from "../catalog/index.ts";
import { type AskedValue, dimensionValuesOf } from "./limit-facts.ts";
import type { LimitMeter } from "./tally-request.ts";

/** What is asked about: usage as it would be sent, without being recorded. */
export type UsageQuestion = { meterKey: string; quantity: string; properties: unknown };

/** Stands for a distinct value that nobody has seen; no property can hold it. */
const anyNewValue = "\0";

/**
 * The question as an event that would be recorded now. Where the meter reads its value from a property that was not
 * sent, the question is about `quantity` of it, and of distinct values about one more.
 */
export function askedUsage(meter: LimitMeter, question: UsageQuestion, now: EpochMs): LimitedUsage {
  const { definition } = meter;
  const { key: meterKey, aggregation, groupBy, valueProperty } = definition;
  const read = readProperties(question.properties);
  if (!read.ok) throw badUserInput(read.message, "properties");
  const base = { meterKey, aggregation, occurredAt: now, groupBy, properties: read.properties };
  if (valueProperty !== null && propertyText(read.properties, valueProperty) === null) {
    const quantity = parseQuantity(question.quantity);
    if (!quantity.ok) throw badUserInput(quantity.message, "quantity");
    const uniqueValue = aggregation === "UNIQUE_COUNT" ? anyNewValue : null;
    return { ...base, quantity: quantity.quantity, uniqueValue, dimensionValues: null };
  }
  const item = { ...question, occurredAt: null, idempotencyKey: "asked" };
  const accepted = acceptUsage(item, { meter: definition, receivedAt: now, mayBackfill: false });
  if (!accepted.ok) throw badUserInput(accepted.refusal.message, accepted.refusal.field);
  const { quantity, uniqueValue, dimensionKey, counted } = accepted.usage;
  // What the meter's filters leave out takes nothing; SUM, so that it takes nothing of a count either.
  if (!counted) return { ...base, aggregation: "SUM", quantity: ZERO, uniqueValue: null, dimensionValues: null };
  return {
    ...base,
    quantity,
    uniqueValue,
    dimensionValues: dimensionKey === null ? null : dimensionValuesOf(dimensionKey),
  };
}

/** The distinct value that usage brings to its billing period, if it brings one. */
export function askedValues(
  profile: BillingProfile,
  meter: LimitMeter,
  usage: LimitedUsage,
  at: EpochMs,
): AskedValue[] {
  if (usage.uniqueValue === null || usage.uniqueValue === anyNewValue) return [];
  const { window } = customerPeriodAt(profile.subscriptions, at);
  return [{ customerId: profile.customerId, meter, periodStartAt: window.startAt, value: usage.uniqueValue }];
}
