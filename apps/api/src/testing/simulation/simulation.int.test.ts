import { expect, test } from "vitest";
import { faultOf, simulation } from "./simulation.testing.ts";

const run = simulation();

test("a seed is the same run each time, line by line", async () => {
  for (const seed of [2, 7, 30]) {
    const [first, second] = [await run(seed), await run(seed)];
    expect(second.trace).toEqual(first.trace);
    expect(second.counts).toEqual(first.counts);
  }
}, 240_000);

/** Seeds that once found something, beside those that every run has. */
test.each<[number, string]>([
  [1018, "a period that Stripe should have billed and did not was FINAL, with no invoice and no ticket"],
])("seed %i stays found: %s", async (seed) => {
  expect(faultOf(await run(seed))).toBe("");
});
