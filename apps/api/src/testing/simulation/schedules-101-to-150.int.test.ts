import { describe, expect, test } from "vitest";
import { faultOf, seedsFrom, simulation } from "./simulation.testing.ts";

const run = simulation();

describe("every schedule keeps every rule", () => {
  test.each(seedsFrom(101, 50))("seed %i", async (seed) => {
    expect(faultOf(await run(seed))).toBe("");
  });
});
