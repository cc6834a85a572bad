import { describe, expect, it } from "vitest";
import { decideTelling, endOfQuietHours, type TellingFacts } from "./quiet-hours.ts";

const night = { fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: "Europe/Berlin" };
const at = (text: string) => Date.parse(text);

describe("endOfQuietHours", () => {
  it.each([
    // Berlin is an hour ahead of UTC in winter.
    ["2026-01-10T20:59:59Z", null],
    ["2026-01-10T21:00:00Z", "2026-01-11T06:00:00Z"],
    ["2026-01-10T23:30:00Z", "2026-01-11T06:00:00Z"],
    ["2026-01-11T05:59:59Z", "2026-01-11T06:00:00Z"],
    ["2026-01-11T06:00:00Z", null],
  ])("from 22:00 to 07:00 in Berlin, at %s they end at %s", (now, end) => {
    expect(endOfQuietHours(night, at(now))).toBe(end === null ? null : at(end));
  });

  it("by day they do not pass midnight", () => {
    const lunch = { fromMinute: 720, toMinute: 780, timeZone: "UTC" };
    expect(endOfQuietHours(lunch, at("2026-01-10T12:30:00Z"))).toBe(at("2026-01-10T13:00:00Z"));
    expect(endOfQuietHours(lunch, at("2026-01-10T13:00:00Z"))).toBeNull();
  });

  it("an end that the clocks skip is the first moment after the gap", () => {
    const early = { fromMinute: 60, toMinute: 150, timeZone: "Europe/Berlin" };
    // On 29 March 2026 the clocks go from 02:00 to 03:00; 02:30 is 03:30 then, 01:30 UTC.
    expect(endOfQuietHours(early, at("2026-03-29T00:15:00Z"))).toBe(at("2026-03-29T01:30:00Z"));
  });

  it("an end that comes twice, because the clocks are put back over it, is the next of the two", () => {
    const early = { fromMinute: 60, toMinute: 150, timeZone: "Europe/Berlin" };
    // On 25 October 2026 the clocks go from 03:00 to 02:00; 02:30 is 00:30 UTC, and 01:30 UTC again.
    expect(endOfQuietHours(early, at("2026-10-25T00:10:00Z"))).toBe(at("2026-10-25T00:30:00Z"));
    expect(endOfQuietHours(early, at("2026-10-25T01:10:00Z"))).toBe(at("2026-10-25T01:30:00Z"));
  });
});

describe("decideTelling", () => {
  const facts = (overrides: Partial<TellingFacts>): TellingFacts => ({
    channel: "EMAIL",
    severity: "WARNING",
    now: at("2026-01-10T23:00:00Z"),
    quietHours: night,
    snoozedUntil: null,
    ...overrides,
  });

  it("mail waits for the morning, webhooks and the app do not", () => {
    expect(decideTelling(facts({}))).toMatchObject({ tell: "LATER", at: at("2026-01-11T06:00:00Z") });
    expect(decideTelling(facts({ channel: "WEBHOOK" })).tell).toBe("NOW");
    expect(decideTelling(facts({ channel: "IN_APP" })).tell).toBe("NOW");
  });

  it("what is critical is told at any hour, snoozed or not", () => {
    const snoozedUntil = at("2027-01-01T00:00:00Z");
    expect(decideTelling(facts({ severity: "CRITICAL", snoozedUntil })).tell).toBe("NOW");
  });

  it("what is snoozed is not told outside the app, until the instant itself", () => {
    const snoozedUntil = at("2026-01-10T23:00:00.001Z");
    expect(decideTelling(facts({ snoozedUntil, quietHours: null })).tell).toBe("NOT");
    expect(decideTelling(facts({ snoozedUntil, channel: "WEBHOOK" })).tell).toBe("NOT");
    expect(decideTelling(facts({ snoozedUntil, channel: "IN_APP" })).tell).toBe("NOW");
    expect(decideTelling(facts({ snoozedUntil: snoozedUntil - 1, quietHours: null })).tell).toBe("NOW");
  });
});
