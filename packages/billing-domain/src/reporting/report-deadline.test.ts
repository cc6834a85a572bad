import { expect, test } from "vitest";
import { type DatedReport, deadlineAt, reportDeadlines, worstAlarm } from "./report-deadline.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = 100 * DAY;

function deadlines(report: Partial<DatedReport>) {
  const dated = reportDeadlines(
    { state: "PENDING", eventAt: now, doubtfulSince: null, acceptedAt: null, finalizesAt: null, ...report },
    now,
  );
  return dated.map((one) => [one.kind, one.hoursLeft, one.alarm]);
}

test("a report that waits has until its timestamp is 35 days old", () => {
  expect(deadlines({})).toEqual([["TIMESTAMP", 840, "NONE"]]);
  expect(deadlines({ eventAt: now - 32 * DAY })).toEqual([["TIMESTAMP", 72, "WARNING"]]);
  expect(deadlines({ eventAt: now - 34 * DAY })).toEqual([["TIMESTAMP", 24, "CRITICAL"]]);
  expect(deadlines({ eventAt: now - 35 * DAY })).toEqual([["TIMESTAMP", 0, "PASSED"]]);
});

test("one in doubt has a day from its first attempt, one of an ended period until the invoice is final", () => {
  expect(deadlines({ doubtfulSince: now - 13 * HOUR, finalizesAt: now + 20 * 60_000 })).toEqual([
    ["FINALIZATION", 0, "WARNING"],
    ["IDENTIFIER", 11, "WARNING"],
    ["TIMESTAMP", 840, "NONE"],
  ]);
});

test("an accepted one can be cancelled for a day, which alarms nobody", () => {
  expect(deadlines({ state: "ACCEPTED", acceptedAt: now - 30 * HOUR })).toEqual([["CANCEL", -6, "NONE"]]);
  expect(deadlines({ state: "NOT_COUNTED" })).toEqual([]);
});

test.each([
  [45 * 60_000 + 1, "NONE"],
  [45 * 60_000, "WARNING"],
  [15 * 60_000, "CRITICAL"],
  [1, "CRITICAL"],
  [0, "PASSED"],
])("%i ms before finalization: %s", (leftMs, alarm) => {
  expect(deadlineAt("FINALIZATION", now + leftMs, now).alarm).toBe(alarm);
});

test("the worst of several alarms counts", () => {
  expect(worstAlarm([])).toBe("NONE");
  expect(worstAlarm(["WARNING", "NONE", "CRITICAL", "WARNING"])).toBe("CRITICAL");
});
