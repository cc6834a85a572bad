import type { Aggregation, EpochMs, ReportChannel, ReportMode } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** How a report travels: by one call each (V1, V2), by up to a hundred a call (STREAM), or as a usage record. */
export type ReportTransport = "V1" | "V2" | "STREAM" | "USAGE_RECORDS";

/** Where reports of a meter go. A meter that is told nothing has none. */
export type MeterRoute = {
  meterId: string;
  meterKey: string;
  aggregation: Aggregation;
  /** The channel that its customers are told by, but for those that move from one to the other. */
  channel: ReportChannel;
  /** How events travel; for a customer that is told by events while the meter's own channel is RECORDS, V1. */
  eventTransport: Exclude<ReportTransport, "USAGE_RECORDS">;
  /** How Stripe's meter counts: sums what it is told, or keeps the latest. */
  mode: ReportMode;
  stripeMeterId: string | null;
  eventName: string;
  /** The keys of an event's payload that hold the customer and the value. */
  customerKey: string;
  valueKey: string;
};

/** Where reports of a customer go. */
export type CustomerRoute = {
  customerId: string;
  stripeCustomerId: string;
  /** Deleted at Stripe: nothing can be told any more. */
  isDeleted: boolean;
  /** Whether a subscription at Stripe bills the customer at an instant. */
  isBilledAt(at: EpochMs): boolean;
  /** The subscription item that has usage records of a meter at an instant; null where there is none. */
  recordItem(meterKey: string, at: EpochMs): string | null;
};

/** Who is linked to Stripe, and how; `stripe-catalog` knows. */
export interface ReportRoutes {
  /** Ids of linked customers that come after one, in order. */
  customersAfter(sql: Sql, after: string | null, limit: number): Promise<string[]>;
  /** The linked ones of these. */
  customers(sql: Sql, customerIds: readonly string[]): Promise<ReadonlyMap<string, CustomerRoute>>;
  /** Meters whose usage is told, by id. */
  meters(sql: Sql): Promise<ReadonlyMap<string, MeterRoute>>;
}

/** How reports of a channel are told. A usage record is set (VALUE) unless the item forbids it. */
export function travelOf(route: MeterRoute, channel: ReportChannel): { transport: ReportTransport; mode: ReportMode } {
  if (channel === "RECORDS") return { transport: "USAGE_RECORDS", mode: "VALUE" };
  return { transport: route.eventTransport, mode: route.mode };
}
