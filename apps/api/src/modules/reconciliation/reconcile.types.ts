import type { EpochMs, PlanPeriod, RatedBy, StatementLine, Window } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import type { Nudging } from "../../platform/live/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import type { BillingProfile, MeterRow, SubscriptionRow } from "../catalog/index.ts";
import type { MeterReporting } from "../stripe-reporting/index.ts";
import type { ReadPurse } from "./read-purse.ts";

/** What reconciling a customer stands on. */
export type ReconcileParts = {
  database: Database;
  clock: Clock;
  /** Null where Stripe is not configured. */
  gateway: StripeGateway | null;
  reporting: MeterReporting;
  closings: Closings;
  nudges: Nudging;
};

/** What is asked of the parts that close periods (statements), which stand on this module. */
export type Closings = {
  /** Whether a period's invoice is final, so that nothing that is told now would be on it. */
  isInvoiced(sql: Sql, of: { customerId: string; startAt: EpochMs }): Promise<boolean>;
  /** How Stripe bills a period; null where it does not. */
  billingOf(
    sql: Sql,
    of: { customerId: string; subscriptionId: string; window: Window },
  ): Promise<PeriodBilling | null>;
  /** The statements of a period that are final and on an invoice. */
  invoiced(sql: Sql, of: { customerId: string; startAt: EpochMs }): Promise<InvoicedStatement[]>;
};

/** How Stripe bills a period. */
export type PeriodBilling = {
  stripeSubscriptionId: string;
  ratedBy: (meterKey: string) => RatedBy;
  /** Whether it goes on to bill the period that follows. */
  goesOn: boolean;
};

/** A statement that never changes any more, and the invoice that said the same. */
export type InvoicedStatement = {
  id: string;
  stripeInvoiceId: string;
  currency: string;
  lines: readonly StatementLine[];
  finalAt: EpochMs;
  /** What the subjects of its tickets begin with. */
  subjectPrefix: string;
};

/** How to look. Stripe is read as far as the purse goes. */
export type ReconcileOptions = {
  runId: string;
  repair: boolean;
  purse: ReadPurse;
  /** Whether final invoices are read that were read lately. */
  isThorough: boolean;
  meters: readonly MeterRow[];
};

/** A billing period of a customer. */
export type Whose = { profile: BillingProfile; period: PlanPeriod<SubscriptionRow> };
