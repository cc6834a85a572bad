/** The sums of usage billing: pure, exact and browser-safe. Everything outside this package imports from here only. */
export * from "./currency.ts";
export * from "./decimal.ts";
export * from "./money.ts";
