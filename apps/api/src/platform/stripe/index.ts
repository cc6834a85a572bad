import type Stripe from "stripe";

/** Stripe's types, for those who may not import the SDK. */
export type { Stripe };
export { RateBudget, realTimer, type Timer } from "./rate-budget.ts";
export { SandboxClock } from "./sandbox-clock.ts";
export { claimStripeAccount, claimStripePlace } from "./stripe-account.ts";
export { ReadCounter } from "./read-counter.ts";
export { classifyStripeError, type StripeFailure, type StripeFailureKind } from "./stripe-failure.ts";
export type { StripeHttpClient } from "./counting-client.ts";
export { legacyApiVersion, StripeGateway, type StreamEvent, type StripeSurroundings } from "./stripe-gateway.ts";
export { type StripePlace, type StripeSettings, stripeSettingsOf } from "./stripe-settings.ts";
