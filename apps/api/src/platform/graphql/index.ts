export * from "./context.ts";
export * from "./errors.ts";
export * from "./instant.ts";
export * from "./money.type.ts";
export * from "./page.ts";
export * from "./scalars.ts";
