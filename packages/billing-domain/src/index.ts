/** The sums of usage billing: pure, exact and browser-safe. Everything outside this package imports from here only. */
export * from "./alert/index.ts";
export * from "./bill.ts";
export * from "./closing.ts";
export * from "./currency.ts";
export * from "./customer-period.ts";
export * from "./decimal.ts";
export * from "./fault.ts";
export * from "./forecast/index.ts";
export * from "./instant.ts";
export * from "./limit/index.ts";
export * from "./local-window.ts";
export * from "./measure.ts";
export * from "./meter.ts";
export * from "./meter-unit.ts";
export * from "./money.ts";
export * from "./period.ts";
export * from "./plan.ts";
export * from "./price-model.ts";
export * from "./proration.ts";
export * from "./quantity.ts";
export {
  includedQuantityOf,
  parseRateCard,
  type RateCard,
  type RateCardTerms,
} from "./rate-card.ts";
export * from "./rating/index.ts";
export * from "./reconciliation/index.ts";
export * from "./reporting/index.ts";
export * from "./statement/index.ts";
export * from "./stripe-price.ts";
export * from "./stripe-subscription.ts";
export * from "./usage.ts";
export { MAX_DIMENSION_BYTES, MAX_GROUP_VALUE_CHARACTERS } from "./usage-dimension.ts";
export * from "./usage-properties.ts";
export * from "./usage-state.ts";
export * from "./window.ts";
