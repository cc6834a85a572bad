import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GRAINS, isTimeZone, localWindows } from "./local-window.ts";
import { rollupWindowStart } from "./window.ts";

const at = (text: string) => Date.parse(text);
const hours = (windows: { startAt: number; endAt: number }[]) =>
  windows.map(({ startAt, endAt }) => (endAt - startAt) / 3_600_000);

describe("local windows", () => {
  it("a day in New York has 23 hours when clocks go forward and 25 when they go back", () => {
    const days = (from: string, to: string) =>
      localWindows({ from: at(from), to: at(to), grain: "DAY", timeZone: "America/New_York" });
    expect(hours(days("2026-03-07T05:00:00Z", "2026-03-10T04:00:00Z"))).toEqual([24, 23, 24]);
    expect(hours(days("2026-10-31T04:00:00Z", "2026-11-03T05:00:00Z"))).toEqual([24, 25, 24]);
  });

  it.each([
    ["Asia/Kolkata", "2026-03-09T18:30:00Z"],
    ["Asia/Kathmandu", "2026-03-09T18:15:00Z"],
    ["Australia/Lord_Howe", "2026-03-09T13:00:00Z"],
    ["Pacific/Kiritimati", "2026-03-09T10:00:00Z"],
  ])("a day in %s begins at its own midnight", (timeZone, midnight) => {
    const [, second] = localWindows({ from: at(midnight) - 1, to: at(midnight) + 1, grain: "DAY", timeZone });
    expect(second?.startAt).toBe(at(midnight));
  });

  it("Lord Howe's clocks change by half an hour", () => {
    const days = localWindows({
      from: at("2026-04-04T13:00:00Z"),
      to: at("2026-04-05T13:30:00Z"),
      grain: "DAY",
      timeZone: "Australia/Lord_Howe",
    });
    expect(hours(days)).toEqual([24.5]);
  });

  it("Samoa had no 30 December 2011", () => {
    const days = localWindows({
      from: at("2011-12-29T10:00:00Z"),
      to: at("2012-01-01T10:00:00Z"),
      grain: "DAY",
      timeZone: "Pacific/Apia",
    });
    expect(hours(days)).toEqual([24, 24, 24]);
  });

  it("weeks begin on Monday, months on the first; both ends are clipped to the range", () => {
    const cut = (grain: "WEEK" | "MONTH") =>
      localWindows({ from: at("2026-02-25T12:00:00Z"), to: at("2026-03-04T06:00:00Z"), grain, timeZone: "UTC" }).map(
        ({ startAt }) => new Date(startAt).toISOString().slice(0, 13),
      );
    expect(cut("WEEK")).toEqual(["2026-02-25T12", "2026-03-02T00"]);
    expect(cut("MONTH")).toEqual(["2026-02-25T12", "2026-03-01T00"]);
  });

  it("an hour that the clock shows twice is two windows", () => {
    const windows = localWindows({
      from: at("2026-11-01T04:00:00Z"),
      to: at("2026-11-01T08:00:00Z"),
      grain: "HOUR",
      timeZone: "America/New_York",
    });
    expect(hours(windows)).toEqual([1, 1, 1, 1]);
  });

  it("an empty or reversed range has none; too many are refused, and so is an unknown zone", () => {
    expect(localWindows({ from: 5, to: 5, grain: "DAY", timeZone: "UTC" })).toEqual([]);
    expect(localWindows({ from: 6, to: 5, grain: "DAY", timeZone: "UTC" })).toEqual([]);
    expect(() => localWindows({ from: 0, to: at("2026-01-01T00:00:00Z"), grain: "HOUR", timeZone: "UTC" })).toThrow(
      RangeError,
    );
    expect(() => localWindows({ from: 0, to: 1, grain: "DAY", timeZone: "Mars/Olympus" })).toThrow(RangeError);
  });

  it("cover the range without gap or overlap, in any zone, at quarter hours inside", () => {
    const zones = [
      "UTC",
      "America/New_York",
      "Europe/Berlin",
      "Asia/Kolkata",
      "Asia/Kathmandu",
      "Australia/Lord_Howe",
      "America/St_Johns",
    ];
    const range = fc.record({
      from: fc.integer({ min: at("2015-01-01T00:00:00Z"), max: at("2030-01-01T00:00:00Z") }),
      length: fc.integer({ min: 1, max: 40 * 86_400_000 }),
      timeZone: fc.constantFrom(...zones),
      grain: fc.constantFrom(...GRAINS),
    });
    fc.assert(
      fc.property(range, ({ from, length, timeZone, grain }) => {
        const windows = localWindows({ from, to: from + length, grain, timeZone });
        expect(windows[0]?.startAt).toBe(from);
        expect(windows.at(-1)?.endAt).toBe(from + length);
        for (const [index, window] of windows.entries()) {
          expect(window.startAt).toBeLessThan(window.endAt);
          if (index === 0) continue;
          expect(window.startAt).toBe(windows[index - 1]?.endAt);
          expect(window.startAt % 900_000).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("every zone's days begin on a rollup window, so a local day is whole ones", () => {
    for (const timeZone of Intl.supportedValuesOf("timeZone")) {
      const days = localWindows({
        from: at("2026-03-01T00:00:00Z"),
        to: at("2026-04-15T00:00:00Z"),
        grain: "DAY",
        timeZone,
      });
      expect(days.slice(1).filter(({ startAt }) => rollupWindowStart(startAt) !== startAt)).toEqual([]);
    }
  });

  it("zone names are IANA names; offsets are not zones", () => {
    expect(["UTC", "Europe/Berlin", "Asia/Kathmandu"].map(isTimeZone)).toEqual([true, true, true]);
    expect(["", "+01:00", "Mars/Olympus", "Europe/Berlin ", "x".repeat(100)].map(isTimeZone)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
