export {
  type BillingChangeListener,
  type BillingChangeOutcome,
  BillingChanges,
} from "./billing-changes.ts";
export {
  type BillingProfile,
  BillingProfiles,
  type CustomerRef,
  type SubscriptionRow,
  selectProfiles,
} from "./billing-profile.ts";
export { canonicalJson } from "./canonical-json.ts";
export { CatalogDifferenceType, CatalogResolver } from "./catalog.resolver.ts";
export { type CatalogDependencies, type CatalogDifference, CatalogService } from "./catalog.service.ts";
export { type Catalog, parseCatalog } from "./catalog-definition.ts";
export type { CatalogChange } from "./catalog-difference.ts";
export { AggregationEnum, BillingIntervalEnum, FilterOperatorEnum, PricingModelEnum } from "./catalog-enums.ts";
export { MeterType, mapMeter } from "./meter.types.ts";
export { type MeterRow, Meters, selectMeters } from "./meters.ts";
export {
  mapPlan,
  mapPlanSubscription,
  mapPlanVersion,
  PlanSubscriptionType,
  PlanType,
  PlanVersionType,
  RateCardType,
} from "./plan.types.ts";
export { latestPlanVersion, type PlanVersionRow, planVersionWithId } from "./plan-version.read-model.ts";
export { CustomerSubscriptionResolver, SubscriptionResolver } from "./subscription.resolver.ts";
export { type EndGuard, type SubscriptionDependencies, SubscriptionService } from "./subscription.service.ts";
export type { WantedSubscription } from "./subscription-decision.ts";
export { type Renewal, renewSubscription, undoRenewal } from "./subscription-renewal.ts";
export { type ViewedCustomer, viewedProfile } from "./viewed-profile.ts";
