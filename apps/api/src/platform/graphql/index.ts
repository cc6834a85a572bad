// type-graphql needs it before its first decorator runs.
import "reflect-metadata";

export * from "./context.ts";
export * from "./errors.ts";
export * from "./instant.ts";
export * from "./money.type.ts";
export * from "./page.ts";
export * from "./scalars.ts";
export { openWith } from "./schema.ts";
