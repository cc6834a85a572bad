import type { Decimal, EpochMs, ReportChannel, Window } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** What Stripe was told of a meter in a period, as far as a period's end needs it. */
export type ToldMeter = {
  meterId: string;
  channel: ReportChannel;
  planned: Decimal;
  told: Decimal;
  /** Reports that are on their way, in doubt, and dead letters. */
  pending: number;
  uncertain: number;
  dead: number;
  /** When Stripe accepted the latest report; null for none. */
  lastAcceptedAt: EpochMs | null;
  /** Why the rest cannot be told, and how much that is. */
  untold: Decimal;
  refusal: string | null;
};

/** The ledger of what Stripe was told (stripe-reporting). */
export type PeriodReporting = {
  /** Plans and sends what a period still lacks; `isFlushed` when Stripe accepted everything that can be told. */
  flushPeriod(
    customerId: string,
    periodStartAt: EpochMs,
  ): Promise<{ isFlushed: boolean; totals: readonly ToldMeter[] }>;
  /** Holds Stripe's own total against what it was told; the same confirms every report. */
  settled(of: SummaryTotal): Promise<"CONFIRMED" | "WAITING" | "DIFFERENT">;
  /** Takes Stripe's total as it is and plans the difference away. */
  repair(of: SummaryTotal & { reason: string }): Promise<{ outcome: "REPAIRED" | "SAME" | "WAITING" }>;
};

/** Stripe's own total of a meter over a billing period. */
export type SummaryTotal = {
  customerId: string;
  meterId: string;
  channel: ReportChannel;
  periodStartAt: EpochMs;
  counted: Decimal;
};

/** What of a Stripe subscription a period's end needs (stripe-catalog). */
export type PeriodLink = {
  stripeCustomerId: string;
  stripeSubscriptionId: string;
  customerDeletedAt: EpochMs | null;
  /** Stripe's meter id by ours, where it has one. */
  stripeMeters: ReadonlyMap<string, string>;
};

/** Reads links. */
export type PeriodLinks = {
  ofSubscription(
    sql: Sql,
    of: { customerId: string; subscriptionId: string; window: Window },
  ): Promise<PeriodLink | null>;
  /** Whose a Stripe subscription is, and which of our subscriptions it bills; empty when it is none of ours. */
  ofStripe(sql: Sql, stripeSubscriptionId: string): Promise<{ customerId: string; subscriptionIds: string[] } | null>;
};
