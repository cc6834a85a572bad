import type { Decimal, EpochMs, MeterDefinition, UsageProperties, Window } from "@meterline/billing-domain";

/** A usage event that was accepted and is about to be appended. */
export type NewUsageEvent = {
  id: string;
  customerId: string;
  /** The customer's billing version that `period` was computed from. */
  billingVersion: number;
  meterId: string;
  meter: MeterDefinition;
  quantity: Decimal;
  quantityText: string;
  occurredAt: EpochMs;
  receivedAt: EpochMs;
  idempotencyKey: string;
  contentHash: string;
  /** Null where none were sent. */
  properties: UsageProperties | null;
  uniqueValue: string | null;
  dimensionKey: string | null;
  counted: boolean;
  historical: boolean;
  /** It occurred before the instant up to which the customer's periods are frozen. */
  late: boolean;
  /** The billing period that the event falls into. */
  period: Window;
};

/** Where a meter stands in a billing period after a commit. */
export type PeriodStanding = {
  customerId: string;
  meterId: string;
  periodStartAt: EpochMs;
  eventCount: string;
  quantitySum: string;
  quantityMax: string | null;
  latestQuantity: string | null;
  uniqueCount: string;
};
