export * from "./crossing.ts";
export * from "./forecast-period.ts";
export * from "./forecast-words.ts";
export * from "./project-bill.ts";
export * from "./unusual-usage.ts";
