import { expect, test } from "vitest";
import { measuredUnit } from "./meter-unit.ts";

test.each([
  ["GB", "WEIGHTED_SUM", "GB-hours"],
  ["seats", "WEIGHTED_SUM", "seat-hours"],
  ["class", "WEIGHTED_SUM", "class-hours"],
  ["boxes", "WEIGHTED_SUM", "boxes-hours"],
  ["GB", "MAX", "GB"],
  ["requests", "SUM", "requests"],
] as const)("what a meter of %s measures by %s is in %s", (unit, aggregation, measured) => {
  expect(measuredUnit({ unit, aggregation })).toBe(measured);
});
