import type {
  Aggregation,
  BillingInterval,
  MeterFilter,
  PriceModelName,
  StripeTransport,
} from "@meterline/billing-domain";
import { registerEnumType } from "type-graphql";

/** How events of a meter are made one number. */
export const AggregationEnum = {
  SUM: "SUM",
  COUNT: "COUNT",
  MAX: "MAX",
  LATEST: "LATEST",
  UNIQUE_COUNT: "UNIQUE_COUNT",
  WEIGHTED_SUM: "WEIGHTED_SUM",
} as const satisfies { [K in Aggregation]: K };
registerEnumType(AggregationEnum, {
  name: "Aggregation",
  valuesConfig: {
    WEIGHTED_SUM: { description: "Each level times the hours that it held: seat-hours, GB-hours." },
    LATEST: { description: "The value of the latest event; of two at one instant, the one received later." },
  },
});

/** How reports of a meter reach Stripe. */
export const StripeTransportEnum = {
  V1: "V1",
  V2: "V2",
  STREAM: "STREAM",
  USAGE_RECORDS: "USAGE_RECORDS",
  NONE: "NONE",
} as const satisfies { [K in StripeTransport]: K };
registerEnumType(StripeTransportEnum, {
  name: "StripeTransport",
  valuesConfig: {
    USAGE_RECORDS: { description: "For accounts from before Billing Meters." },
    NONE: { description: "The meter's usage is kept from Stripe." },
  },
});

/** Which events of a meter count. */
export const FilterOperatorEnum = {
  IN: "IN",
  NOT_IN: "NOT_IN",
  EXISTS: "EXISTS",
} as const satisfies { [K in MeterFilter["operator"]]: K };
registerEnumType(FilterOperatorEnum, { name: "FilterOperator" });

/** The unit of a plan's billing period. */
export const BillingIntervalEnum = {
  DAY: "DAY",
  WEEK: "WEEK",
  MONTH: "MONTH",
  QUARTER: "QUARTER",
  YEAR: "YEAR",
} as const satisfies { [K in BillingInterval]: K };
registerEnumType(BillingIntervalEnum, { name: "BillingInterval" });

/** How a quantity becomes an amount. */
export const PricingModelEnum = {
  PER_UNIT: "PER_UNIT",
  GRADUATED: "GRADUATED",
  VOLUME: "VOLUME",
  PACKAGE: "PACKAGE",
  STAIRSTEP: "STAIRSTEP",
  PERCENTAGE: "PERCENTAGE",
  GRADUATED_PERCENTAGE: "GRADUATED_PERCENTAGE",
  MATRIX: "MATRIX",
} as const satisfies { [K in PriceModelName]: K };
registerEnumType(PricingModelEnum, { name: "PricingModel" });
