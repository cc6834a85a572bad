export * from "./price-difference.ts";
export * from "./reconcile-meter.ts";
