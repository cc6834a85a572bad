import { expect, test } from "vitest";
import { progressLine, SimulationTally, summaryText } from "./simulate-report.ts";
import { SimulationFailure } from "./simulation-failure.ts";

const counts = { steps: 40, events: 30, deaths: 1, writes: 90, tickets: 2 };

test("the line says how far, how many failed, and how long it takes at this pace", () => {
  const tally = new SimulationTally();
  for (let seed = 1; seed <= 1_250; seed += 1) tally.add({ seed, failure: null, counts });
  tally.summary.failed.push({ seed: 9, rule: "R", message: "R: m" });
  expect(progressLine(tally.summary, 5_000, 60_000)).toBe(
    "██████░░░░░░░░░░░░░░░░░░ 25% | 1,250/5,000 schedules | 1 failed | ETA 3 min 0 s",
  );
});

test("the summary names every failing seed in order, and how to see one again", () => {
  const tally = new SimulationTally();
  tally.add({ seed: 1, failure: null, counts });
  tally.add({ seed: 40, failure: new SimulationFailure("RECOUNT", "rollups differ\nin detail"), counts });
  tally.add({ seed: 7, failure: new SimulationFailure("EVENTS", "one is missing"), counts });
  expect(summaryText(tally.summary, 61_000)).toBe(
    "3 schedules in 1 min 1 s: 120 steps, 90 usage events, 270 writes, 3 crashes, 6 tickets.\n" +
      "FAILED seed 7: EVENTS: one is missing\n" +
      "FAILED seed 40: RECOUNT: rollups differ\n" +
      "2 failed. See one happen: npm run simulate -- --seed 7",
  );
});
