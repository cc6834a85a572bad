import type { EpochMs } from "@meterline/billing-domain";
import type { Database, Sql, Transaction } from "../../platform/database/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import type { Meters, SubscriptionRow } from "../catalog/index.ts";

/** How customers are told whose subscription is billed by usage records; reporting knows. */
export type RecordBilling = {
  /** From this period on the customer's usage is told by records. */
  begin(transaction: Transaction, of: { customerId: string; startAt: EpochMs; now: EpochMs }): Promise<void>;
  /** Whether a period is billed by records because of a move from or to meters. */
  isBilled(sql: Sql, of: { customerId: string; startAt: EpochMs; endAt: EpochMs }): Promise<boolean>;
};

/** What the making stands on. */
export type MakingParts = {
  gateway: StripeGateway;
  database: Database;
  meters: Meters;
  records: RecordBilling;
  now: EpochMs;
};

/** What is made: a subscription of ours, for a customer at Stripe, billed from `startAt` on. */
export type Making = { own: SubscriptionRow; stripeCustomerId: string; startAt: EpochMs; attempt: number };
