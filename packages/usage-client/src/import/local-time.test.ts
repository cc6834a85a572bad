import { describe, expect, test } from "vitest";
import { TimeReader } from "./local-time.ts";

function read(text: string, zone: string | null = null): string {
  const reading = new TimeReader(zone).read(text);
  return reading.ok ? new Date(reading.at).toISOString() : reading.code;
}

describe("times of a file", () => {
  test.each([
    ["2025-01-07T00:00:00Z", "2025-01-07T00:00:00.000Z"],
    ["2025-01-07T02:30:00+02:30", "2025-01-07T00:00:00.000Z"],
    ["2025-01-07 00:00:00.9999Z", "2025-01-07T00:00:00.999Z"],
    ["2024-02-29T23:59:59-0100", "2024-03-01T00:59:59.000Z"],
  ])("%s has its own offset", (text, instant) => {
    expect(read(text)).toBe(instant);
    expect(read(text, "Asia/Tokyo")).toBe(instant);
  });

  test.each(["2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01T24:00:00Z", "07/01/2025", "", "1736208000"])(
    "%s is no time",
    (text) => {
      expect(read(text)).toBe("INVALID_TIME");
    },
  );

  test("a time without an offset needs a zone", () => {
    expect(read("2010-12-01T08:26:00")).toBe("NO_TIME_ZONE");
    expect(read("2010-12-01T08:26:00", "Europe/London")).toBe("2010-12-01T08:26:00.000Z");
    expect(read("2011-07-01T08:26:00", "Europe/London")).toBe("2011-07-01T07:26:00.000Z");
    expect(read("2011-07-01", "Asia/Kolkata")).toBe("2011-06-30T18:30:00.000Z");
  });

  test("the hour that clocks pass twice is the first of the two", () => {
    expect(read("2011-10-30T01:30:00", "Europe/London")).toBe("2011-10-30T00:30:00.000Z");
    expect(read("2011-10-30T02:00:00", "Europe/London")).toBe("2011-10-30T02:00:00.000Z");
  });

  test("the hour that clocks skip is moved on by the gap", () => {
    expect(read("2011-03-27T01:30:00", "Europe/London")).toBe("2011-03-27T01:30:00.000Z");
    expect(read("2011-03-27T00:59:59", "Europe/London")).toBe("2011-03-27T00:59:59.000Z");
    expect(read("2011-03-27T02:00:00", "Europe/London")).toBe("2011-03-27T01:00:00.000Z");
  });

  test("a zone of half hours changes on its half hours", () => {
    // Lord Howe Island moves by 30 minutes, from +11:00 to +10:30, at 02:00 on 6 April 2025.
    expect(read("2025-04-06T01:15:00", "Australia/Lord_Howe")).toBe("2025-04-05T14:15:00.000Z");
    expect(read("2025-04-06T01:45:00", "Australia/Lord_Howe")).toBe("2025-04-05T14:45:00.000Z");
    expect(read("2025-04-06T02:15:00", "Australia/Lord_Howe")).toBe("2025-04-05T15:45:00.000Z");
  });

  test("an unknown zone is refused", () => {
    expect(() => new TimeReader("Europe/Nowhere")).toThrow(RangeError);
  });
});
