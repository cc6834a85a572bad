export * from "./compare-preview.ts";
export * from "./known-difference.ts";
export * from "./price-difference.ts";
export * from "./reconcile-meter.ts";
