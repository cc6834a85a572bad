import { expect, test } from "vitest";
import { faultOf, simulation } from "./simulation.testing.ts";

const run = simulation();

/**
 * A trace with reports that are told in a row sorted: those that are due at one instant are taken up in the order in which
 * PostgreSQL finds them, which its statistics and its vacuum may change.
 */
function inOneOrder(trace: readonly string[]): string[] {
  const isReport = (line: string | undefined) => line?.includes("POST /v1/billing/meter_events") ?? false;
  const sorted: string[] = [];
  for (let at = 0; at < trace.length; ) {
    let end = at + 1;
    while (isReport(trace[at]) && isReport(trace[end])) end += 1;
    sorted.push(...trace.slice(at, end).toSorted());
    at = end;
  }
  return sorted;
}

test("a seed is the same run each time, line by line", async () => {
  for (const seed of [2, 7, 30]) {
    const [first, second] = [await run(seed), await run(seed)];
    expect(inOneOrder(second.trace)).toEqual(inOneOrder(first.trace));
    expect(second.counts).toEqual(first.counts);
  }
}, 240_000);

/** Seeds that once found something, beside those that every run has. */
test.each<[number, string]>([
  [1018, "a period that Stripe should have billed and did not was FINAL, with no invoice and no ticket"],
])("seed %i stays found: %s", async (seed) => {
  expect(faultOf(await run(seed))).toBe("");
});
