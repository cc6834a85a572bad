import { describe, expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { eventTime, isTooOld, planReports, type ReportSituation, reportValue, wholeUnits } from "./plan-report.ts";

const at = (text: string) => Date.parse(text);
const march = { startAt: at("2026-03-01T00:00:00Z"), endAt: at("2026-04-01T00:00:00Z") };
const now = at("2026-03-16T10:00:00.750Z");

function plan(target: string, planned: string, more: Partial<ReportSituation> = {}) {
  const answer = planReports({
    target: decimal(target),
    planned: decimal(planned),
    mode: "DELTA",
    window: march,
    now,
    lastEventAt: null,
    ...more,
  });
  if (!answer.ok) return { code: answer.code, untold: formatDecimal(answer.untold) };
  return answer.reports.map((report) => [
    formatDecimal(report.delta),
    formatDecimal(report.totalAfter),
    new Date(report.eventAt).toISOString(),
  ]);
}

describe("what is planned", () => {
  test("the difference to what was planned before, stamped with the whole second", () => {
    expect(plan("12.5", "10")).toEqual([["2.5", "12.5", "2026-03-16T10:00:00.000Z"]]);
  });

  test("nothing where everything is", () => {
    expect(plan("10", "10")).toEqual([]);
  });

  test("a negative difference after a void", () => {
    expect(plan("7", "10")).toEqual([["-3", "7", "2026-03-16T10:00:00.000Z"]]);
  });

  test("more than 15 digits in several reports, each with the total after it", () => {
    expect(plan("123456789012.3456", "0")).toEqual([
      ["123456789012", "123456789012", "2026-03-16T10:00:00.000Z"],
      ["0.3456", "123456789012.3456", "2026-03-16T10:00:00.000Z"],
    ]);
  });

  test("a value is one report and may not be split", () => {
    expect(plan("12", "10", { mode: "VALUE" })).toEqual([["2", "12", "2026-03-16T10:00:00.000Z"]]);
    expect(plan("123456789012.3456", "0", { mode: "VALUE" })).toEqual({
      code: "TOO_LARGE",
      untold: "123456789012.3456",
    });
  });

  test("a period that ended more than 35 days ago is not told any more", () => {
    // The last second is 23:59:59 of 31 March; 35 days on, less ten minutes of reserve.
    expect(plan("1", "0", { now: at("2026-05-05T23:49:59Z") })).toEqual([["1", "1", "2026-03-31T23:59:59.000Z"]]);
    expect(plan("1", "0", { now: at("2026-05-05T23:50:00Z") })).toEqual({ code: "TOO_OLD", untold: "1" });
  });
});

describe("the time told to Stripe", () => {
  const time = (instant: string, after: string | null = null) =>
    new Date(eventTime(march, at(instant), after === null ? null : at(after))).toISOString();

  test("is never before the period, and at its end its last whole second", () => {
    expect(time("2026-02-28T23:59:59.900Z")).toBe("2026-03-01T00:00:00.000Z");
    expect(time("2026-03-31T23:59:59.999Z")).toBe("2026-03-31T23:59:59.000Z");
    expect(time("2026-04-01T00:00:00Z")).toBe("2026-03-31T23:59:59.000Z");
    expect(time("2026-04-09T00:00:00Z")).toBe("2026-03-31T23:59:59.000Z");
  });

  test("of a value is later than the value before it, while there is a later second", () => {
    expect(time("2026-03-16T10:00:00Z", "2026-03-16T10:00:00Z")).toBe("2026-03-16T10:00:01.000Z");
    expect(time("2026-04-01T00:00:00Z", "2026-03-31T23:59:59Z")).toBe("2026-03-31T23:59:59.000Z");
  });

  test("lies inside a period whose edges are not whole seconds", () => {
    const window = { startAt: at("2026-03-01T00:00:00.500Z"), endAt: at("2026-03-01T00:00:02.500Z") };
    expect(new Date(eventTime(window, window.startAt)).toISOString()).toBe("2026-03-01T00:00:01.000Z");
    expect(new Date(eventTime(window, window.endAt)).toISOString()).toBe("2026-03-01T00:00:02.000Z");
  });
});

test("35 days, ten minutes of reserve taken off, are still young enough", () => {
  const old = now - 35 * 86_400_000 + 600_000;
  expect([isTooOld(old, now), isTooOld(old - 1, now)]).toEqual([false, true]);
});

test.each([
  ["12.9", "12"],
  ["12.5", "12"],
  ["12.2", "12"],
  ["0.9", "0"],
  ["-3", "0"],
])("of %s a counter of whole units is told %s", (total, told) => {
  expect(formatDecimal(wholeUnits(decimal(total)))).toBe(told);
});

test("over the wire goes the difference, or the value where that is how the counter counts", () => {
  const report = { delta: decimal("2.50"), totalAfter: decimal("12.50") };
  expect([reportValue({ ...report, mode: "DELTA" }), reportValue({ ...report, mode: "VALUE" })]).toEqual([
    "2.5",
    "12.5",
  ]);
});
