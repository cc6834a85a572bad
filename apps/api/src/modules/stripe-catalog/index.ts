export { customerLinkedAt, linkedCustomersAfter } from "./linked-customers.read-model.ts";
export { pricesInForce, type PriceInForce } from "./stripe-catalog.repository.ts";
export {
  AppliedStripeCatalogType,
  StripeCatalogDifferenceType,
  StripeCatalogResolver,
} from "./stripe-catalog.resolver.ts";
export { type StripeCatalogDependencies, StripeCatalogService } from "./stripe-catalog.service.ts";
export type { StripeChange, StripeChangeKind } from "./stripe-changes.ts";
export { onStripeCatalogEdits } from "./stripe-edits.ts";
export {
  customerOfStripe,
  itemOfMeter,
  type RatedBy,
  ratedBy,
  type StripeCustomerLink,
  type StripeItemLink,
  type StripeLinks,
  type StripeMeterLink,
  type StripeSubscriptionLink,
  stripeLinks,
  stripeMeters,
  subscriptionsOfStripe,
} from "./stripe-links.read-model.ts";
export { contentOfStripePrice, stripeIntervalOf } from "./stripe-price-content.ts";
export { meterKeysOfPrices } from "./stripe-price-keys.read-model.ts";
