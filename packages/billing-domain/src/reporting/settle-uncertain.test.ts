import { expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import { minutesAround, type SettlementEvidence, settleUncertain } from "./settle-uncertain.ts";

const now = 10_000_000;
function settle(counted: string, deltas: string[], more: Partial<SettlementEvidence> = {}) {
  return settleUncertain({
    counted: decimal(counted),
    certain: decimal("100"),
    uncertain: deltas.map((delta, index) => ({ sequence: index + 1, delta: decimal(delta) })),
    lastSentAt: now - 600_000,
    now,
    sameReads: 2,
    ...more,
  });
}

test("a summary that holds everything settles everything at once", () => {
  expect(settle("108", ["3", "5"], { lastSentAt: now, sameReads: 1 })).toEqual({
    kind: "SETTLED",
    counted: [1, 2],
    notCounted: [],
  });
});

test("what is missing is believed after ten minutes and two reads that agree", () => {
  expect(settle("100", ["3", "5"], { sameReads: 1 })).toEqual({ kind: "WAIT" });
  expect(settle("100", ["3", "5"], { lastSentAt: now - 599_999 })).toEqual({ kind: "WAIT" });
  expect(settle("100", ["3", "5"])).toEqual({ kind: "SETTLED", counted: [], notCounted: [1, 2] });
});

test("a part is found by its sum; of choices of the same sum the larger one", () => {
  expect(settle("105", ["3", "5"])).toEqual({ kind: "SETTLED", counted: [2], notCounted: [1] });
  expect(settle("105", ["3", "5", "2"])).toEqual({ kind: "SETTLED", counted: [1, 3], notCounted: [2] });
});

test("a sum that nothing explains is for a person, and so are too many to try", () => {
  expect(settle("104", ["3", "5"])).toEqual({ kind: "UNDECIDABLE" });
  expect(settle("99", ["3", "5"])).toEqual({ kind: "UNDECIDABLE" });
  expect(
    settle(
      "101",
      Array.from({ length: 15 }, () => "1"),
    ),
  ).toEqual({ kind: "UNDECIDABLE" });
});

test("a sum of more digits than a summary has is found all the same", () => {
  // 100 + 40022 + 0.691624508611333 has 20 digits; the double nearest to it is written with 17.
  expect(settle("40122.69162450861", ["40022", "0.691624508611333", "4218"])).toEqual({
    kind: "SETTLED",
    counted: [1, 2],
    notCounted: [3],
  });
});

test("a summary is asked for whole minutes", () => {
  expect(minutesAround([59_999, 120_000])).toEqual({ startAt: 0, endAt: 180_000 });
  expect(minutesAround([60_000])).toEqual({ startAt: 60_000, endAt: 120_000 });
});
