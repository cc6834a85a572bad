import { describe, expect, test } from "vitest";
import { measuredUnit } from "../formats/unit.ts";
import { allowanceStanding, leftWords, tightestLine } from "./allowance-words.ts";
import { comparisonTitle, comparisonWords } from "./change-tile.tsx";
import { busiestRow, groupName, seriesRows, windowStanding } from "./series-view.ts";
import { summaryWords } from "./usage-chart.tsx";
import { compareLastDay } from "./usual-day.ts";

const line = (part: Record<string, string | boolean | null>) => ({
  quantity: "0",
  hasValue: true,
  includedQuantity: "100",
  billableQuantity: "0",
  remainingQuantity: "100",
  ...part,
  meter: { name: "API requests", unit: "requests", aggregation: "SUM" },
});

test("a level held over time is counted in its unit times hours", () => {
  expect(measuredUnit({ unit: "GB", aggregation: "WEIGHTED_SUM" })).toBe("GB-hours");
  expect(measuredUnit({ unit: "GB", aggregation: "MAX" })).toBe("GB");
});

describe("allowance", () => {
  test("79 of 100 is within, 80 is near, 101 is beyond", () => {
    expect(allowanceStanding(line({ quantity: "79" }))).toBe("WITHIN");
    expect(allowanceStanding(line({ quantity: "80" }))).toBe("NEAR");
    expect(allowanceStanding(line({ quantity: "100", remainingQuantity: "0" }))).toBe("NEAR");
    expect(allowanceStanding(line({ quantity: "101", billableQuantity: "1", remainingQuantity: "0" }))).toBe("BEYOND");
  });
  test("nothing included is no allowance, even with no usage", () => {
    expect(allowanceStanding(line({ includedQuantity: "0", remainingQuantity: null }))).toBe("NONE");
    expect(tightestLine([line({ includedQuantity: "0" })])).toBeNull();
  });
  test("the tightest line is the one used the most, in per cent", () => {
    const loose = line({ quantity: "50" });
    const tight = line({ quantity: "9", includedQuantity: "10" });
    expect(tightestLine([loose, tight])).toBe(tight);
  });
  test("what is left or billed is the API's figure, in words", () => {
    expect(leftWords(line({ quantity: "1", remainingQuantity: "99" }))).toBe("99 requests left");
    expect(leftWords(line({ quantity: "1250", billableQuantity: "1150" }))).toBe("1,150 requests billed");
  });
});

const DAY_MS = 86_400_000;
const first = Date.parse("2026-11-01T00:00:00Z");
const day = (index: number, quantity: string | null) => ({
  start: new Date(first + index * DAY_MS).toISOString(),
  end: new Date(first + (index + 1) * DAY_MS).toISOString(),
  quantity,
  eventCount: 1,
});

describe("series", () => {
  const points = [day(0, "5"), day(1, "9007199254740993"), day(2, "9007199254740992"), day(3, "1"), day(4, "0")];
  const completeThrough = "2026-11-04T12:00:00Z";
  test("a window is full, running or ahead; its end is exclusive", () => {
    expect(seriesRows({ points, groups: [], completeThrough }).map((row) => row.standing)).toEqual([
      "FULL",
      "FULL",
      "FULL",
      "SO_FAR",
      "AHEAD",
    ]);
    expect(windowStanding(day(0, "1"), day(0, "1").end)).toBe("FULL");
    expect(windowStanding(day(0, "1"), day(0, "1").start)).toBe("AHEAD");
  });
  test("the busiest day is found exactly past 2^53", () => {
    expect(busiestRow(seriesRows({ points, groups: [], completeThrough }))?.start).toBe("2026-11-02T00:00:00.000Z");
  });
  test("groups follow their own points, and a missing value has a name", () => {
    const groups = [{ value: "", points: points.map(() => ({ quantity: "2" })) }];
    expect(seriesRows({ points, groups, completeThrough })[0]?.groups).toEqual(["2"]);
    expect(groupName("")).toBe("(none)");
    expect(groupName("gpt-large")).toBe("gpt-large");
  });
  test("the sentence names the total and the busiest day", () => {
    const busiest = busiestRow(seriesRows({ points, groups: [], completeThrough }));
    const facts = { total: "12", unit: "requests", busiest: busiest && { ...busiest, quantity: "8" }, timeZone: "UTC" };
    expect(summaryWords(facts)).toMatch(/^12 requests in the period\. Most on Mon,? (2 Nov|Nov 2): 8\.$/);
    expect(summaryWords({ ...facts, total: null })).toBe("No value in this period.");
  });
});

describe("usual day", () => {
  const through = day(40, "0").start;
  /** Days that end with the last full one; the first of them is dropped as a part day. */
  const days = (quantities: string[]) =>
    quantities.map((quantity, index) => day(40 - quantities.length + index, quantity));
  const weeksOf = (sundays: string[]) =>
    days(["999", ...sundays.flatMap((quantity) => ["1", "2", "3", "4", "5", "6", quantity])]);

  test("a day is compared with the same weekday only: a quiet Sunday is no fall from a Saturday", () => {
    const comparison = compareLastDay(weeksOf(["6", "6", "6", "6"]), through);
    expect(comparison).toMatchObject({ kind: "COMPARED", usualQuantity: "6", weeks: 3, direction: "AS_USUAL" });
    expect(comparisonWords(comparison)).toBe("As usual");
  });
  test("usual is the median of an odd number of weeks, so it is a day that was", () => {
    const comparison = compareLastDay(weeksOf(["1000", "10", "30", "20", "60"]), through);
    expect(comparison).toMatchObject({ usualQuantity: "20", weeks: 3, direction: "ABOVE", differencePercent: 200 });
    expect(comparisonWords(comparison)).toBe("▲ 200% above usual");
    expect(comparisonTitle(comparison, "requests", "UTC")).toContain(
      "60 requests. Median of the same weekday in the 3 weeks before: 20",
    );
  });
  test("one week back is said to be one week, not usual", () => {
    expect(comparisonWords(compareLastDay(weeksOf(["100", "72"]), through))).toBe("▼ 28% below a week before");
  });
  test("today is never compared, because a part of a day is always less", () => {
    const points = [...weeksOf(["100", "100"]), day(40, "1")];
    expect(compareLastDay(points, day(40, "1").start.replace("T00", "T06"))).toMatchObject({
      direction: "AS_USUAL",
      lastDay: { quantity: "100" },
    });
  });
  test("less than a week before the last full day says nothing", () => {
    expect(comparisonWords(compareLastDay(days(["9", "1", "1", "1", "1", "1", "1"]), through))).toBe(
      "Too early to compare",
    );
    expect(comparisonWords(compareLastDay([], through))).toBe("Too early to compare");
  });
  test("less than five per cent is as usual", () => {
    expect(compareLastDay(weeksOf(["100", "100", "100", "104"]), through)).toMatchObject({ direction: "AS_USUAL" });
    expect(compareLastDay(weeksOf(["100", "100", "100", "105"]), through)).toMatchObject({ direction: "ABOVE" });
  });
  test("a usual day of nothing gives no percentage", () => {
    expect(comparisonWords(compareLastDay(weeksOf(["0", "0", "0", "72"]), through))).toBe("▲ above usual");
  });
});
