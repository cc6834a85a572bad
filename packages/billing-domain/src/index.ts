/** The sums of usage billing: pure, exact and browser-safe. Everything outside this package imports from here only. */
export * from "./currency.ts";
export * from "./decimal.ts";
export * from "./instant.ts";
export * from "./local-window.ts";
export * from "./money.ts";
export * from "./period.ts";
export * from "./quantity.ts";
export * from "./window.ts";
