import { describe, expect, test } from "vitest";
import { formatInstant, isLocalMidnight, zoneName, zoneWords } from "./instant.ts";
import { pickLocale } from "./locale.ts";
import { dayOfPeriod, formatBoundary, formatPeriod, instantBefore } from "./period.ts";
import { dateInZone, followingDate, startOfDate } from "./zone-day.ts";

const locale = "en-GB";
/** Intl uses thin and no-break spaces in ranges. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u2009\u202f]/g, " ");

describe("formatInstant", () => {
  test("is in the customer's zone, half hours and all", () => {
    const instant = "2026-11-23T18:45:30.250Z";
    expect(formatInstant(instant, { timeZone: "UTC", locale })).toBe("23 Nov 2026, 18:45");
    expect(formatInstant(instant, { timeZone: "Asia/Kolkata", locale })).toBe("24 Nov 2026, 00:15");
    expect(formatInstant(instant, { timeZone: "Asia/Kathmandu", locale, detail: "second" })).toBe(
      "24 Nov 2026, 00:30:30",
    );
    expect(formatInstant(instant, { timeZone: "UTC", locale, detail: "exact" })).toBe("23 Nov 2026, 18:45:30.250");
  });
  test("midnight is 00:00, not 24:00", () => {
    expect(formatInstant("2026-11-23T00:00:00Z", { timeZone: "UTC", locale })).toBe("23 Nov 2026, 00:00");
  });
  test("a zone's name follows daylight saving", () => {
    expect(zoneName("2026-07-01T00:00:00Z", "Europe/London", { locale })).toBe("BST");
    expect(zoneName("2026-12-01T00:00:00Z", "Europe/London", { locale })).toBe("GMT");
    expect(zoneWords("2026-12-01T00:00:00Z", "Asia/Kolkata", { locale })).toBe("Asia/Kolkata (GMT+5:30)");
    expect(zoneWords("2026-12-01T00:00:00Z", "UTC", { locale })).toBe("UTC");
  });
});

describe("formatPeriod", () => {
  test("an exclusive end at midnight is shown as the last day that is in", () => {
    const november = { start: "2026-11-01T00:00:00Z", end: "2026-12-01T00:00:00Z" };
    expect(plain(formatPeriod(november, { timeZone: "UTC", locale }))).toBe("1 – 30 Nov 2026");
  });
  test("a UTC month is not a calendar month elsewhere, so its times are shown", () => {
    const november = { start: "2026-11-01T00:00:00Z", end: "2026-12-01T00:00:00Z" };
    expect(formatPeriod(november, { timeZone: "Asia/Kolkata", locale })).toBe(
      "1 Nov 2026, 05:30 to 1 Dec 2026, 05:30 (GMT+5:30)",
    );
  });
  test("days that change their clock are still whole days", () => {
    const days = { start: "2026-10-24T22:00:00Z", end: "2026-10-25T23:00:00Z" };
    expect(plain(formatPeriod(days, { timeZone: "Europe/Berlin", locale }))).toBe("25 Oct 2026");
  });
  test("a boundary says its time only when it is not midnight", () => {
    expect(formatBoundary("2026-12-01T00:00:00Z", { timeZone: "UTC", locale })).toBe("1 Dec 2026");
    expect(formatBoundary("2026-12-01T00:00:00Z", { timeZone: "America/New_York", locale })).toBe("30 Nov 2026, 19:00");
    expect(isLocalMidnight("2026-12-01T00:00:00.001Z", "UTC")).toBe(false);
  });
  test("the first instant is day 1 and the last is the last day", () => {
    const november = { start: "2026-11-01T00:00:00Z", end: "2026-12-01T00:00:00Z" };
    expect(dayOfPeriod(november, Date.parse("2026-11-01T00:00:00Z"))).toEqual({ day: 1, days: 30 });
    expect(dayOfPeriod(november, Date.parse("2026-11-23T14:00:00Z"))).toEqual({ day: 23, days: 30 });
    expect(dayOfPeriod(november, Date.parse("2026-12-05T00:00:00Z"))).toEqual({ day: 30, days: 30 });
  });
  test("the instant before a start lies in the preceding period", () => {
    expect(instantBefore("2026-11-01T00:00:00.000Z")).toBe("2026-10-31T23:59:59.999Z");
  });
});

describe("startOfDate", () => {
  test("is local midnight, in half-hour zones too", () => {
    expect(startOfDate("2026-11-23", "UTC")).toBe("2026-11-23T00:00:00.000Z");
    expect(startOfDate("2026-11-23", "Asia/Kolkata")).toBe("2026-11-22T18:30:00.000Z");
    expect(startOfDate("2026-11-23", "America/St_Johns")).toBe("2026-11-23T03:30:00.000Z");
    expect(startOfDate("2026-11-23", "Pacific/Kiritimati")).toBe("2026-11-22T10:00:00.000Z");
    expect(startOfDate("2026-11-23", "Pacific/Pago_Pago")).toBe("2026-11-23T11:00:00.000Z");
  });
  test("where daylight saving skips midnight the day begins at one o'clock", () => {
    expect(startOfDate("2026-09-06", "America/Santiago")).toBe("2026-09-06T04:00:00.000Z");
    expect(dateInZone("2026-09-06T03:59:59.999Z", "America/Santiago")).toBe("2026-09-05");
  });
  test("on the days that clocks change, midnight is still midnight", () => {
    expect(startOfDate("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
    expect(startOfDate("2026-03-30", "Europe/Berlin")).toBe("2026-03-29T22:00:00.000Z");
    expect(startOfDate("2026-10-26", "Europe/Berlin")).toBe("2026-10-25T23:00:00.000Z");
  });
  test("what is no date gives nothing", () => {
    expect(startOfDate("", "UTC")).toBeNull();
    expect(startOfDate("2026-13-40", "UTC")).toBeNull();
  });
  test("dates step over months and leap days", () => {
    expect(followingDate("2026-11-30")).toBe("2026-12-01");
    expect(followingDate("2028-02-28")).toBe("2028-02-29");
  });
});

test("numbers follow the reader's English, else British", () => {
  expect(pickLocale(["de-DE", "en-US"])).toBe("en-US");
  expect(pickLocale(["de-DE"])).toBe("en-GB");
  expect(pickLocale(["en"])).toBe("en");
});
