import type { MeterDefinition, PlanDefinition } from "@meterline/billing-domain";
import type { Stripe } from "../../platform/stripe/index.ts";

/** A meter of ours. */
export type OurMeter = { id: string; definition: MeterDefinition };
/** A plan version that somebody is on or may be put on. */
export type OurPlanVersion = { id: string; version: number; definition: PlanDefinition };
/** What we made or adopted before. */
export type StoredLinks = {
  meters: ReadonlyMap<string, { stripeMeterId: string; adopted: boolean }>;
  /** By plan version and meter, '' for the base fee: see {@link priceSlot}. */
  prices: ReadonlyMap<string, { stripePriceId: string; active: boolean }>;
};
/** What the account holds of what concerns us. */
export type TheirCatalog = {
  meters: readonly Stripe.Billing.Meter[];
  products: ReadonlyMap<string, Stripe.Product>;
  /** By lookup key, tiers expanded. */
  prices: ReadonlyMap<string, Stripe.Price>;
};

/** Where a price belongs. */
export const priceSlot = (planVersionId: string, meterKey: string | null): string =>
  `${planVersionId} ${meterKey ?? ""}`;

/** ADD is made new, ADOPT was there, REPLACE supersedes a price, MEND puts back what somebody changed, REFUSE cannot be. */
export type StripeChangeKind = "ADD" | "ADOPT" | "REPLACE" | "MEND" | "RATED_HERE" | "REFUSE";

/** One thing that applying does at Stripe, or leaves to a person. */
export type StripeChange = {
  kind: StripeChangeKind;
  /** "meters.api_requests", "plans.growth.v2.api_requests" */
  path: string;
  summary: string;
  operation: StripeOperation | null;
};

/** What is done for a change, in this order. */
export type StripeOperation =
  | { do: "MAKE_METER"; meter: OurMeter; eventName: string }
  | { do: "LINK_METER"; meter: OurMeter; stripe: Stripe.Billing.Meter; reactivate: boolean; rename: string | null }
  | { do: "MAKE_PRODUCT"; productId: string; name: string; exists: boolean }
  | { do: "MAKE_PRICE"; plan: OurPlanVersion; meterKey: string | null; lookupKey: string }
  | { do: "LINK_PRICE"; plan: OurPlanVersion; meterKey: string | null; stripePriceId: string; reactivate: boolean };
