export const sample = 1;
export type { Sample } from "./sample.ts";
