import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dateOfDays, daysInMonth, daysOfDate } from "./civil-date.ts";
import {
  BILLING_INTERVALS,
  type BillingCycle,
  billingPeriodAt,
  billingPeriodFollowing,
  billingPeriodPreceding,
  calendarMonthAt,
} from "./period.ts";
import type { Window } from "./window.ts";

const at = (text: string) => Date.parse(text);
const cycle = (anchor: string, interval: BillingCycle["interval"], intervalCount = 1): BillingCycle => ({
  anchorAt: at(anchor),
  interval,
  intervalCount,
});
const written = ({ startAt, endAt }: Window) =>
  `${new Date(startAt).toISOString().slice(0, 19)} to ${new Date(endAt).toISOString().slice(0, 19)}`;
const starts = (of: BillingCycle, from: string, count: number) => {
  const found: string[] = [];
  for (let period = billingPeriodAt(of, at(from)); found.length < count; period = billingPeriodFollowing(of, period)) {
    found.push(new Date(period.startAt).toISOString().slice(0, 10));
  }
  return found;
};

describe("billing periods", () => {
  it("a month is counted from the anchor's exact instant", () => {
    const monthly = cycle("2026-01-10T13:45:07Z", "MONTH");
    expect(written(billingPeriodAt(monthly, at("2026-03-01T00:00:00Z")))).toBe(
      "2026-02-10T13:45:07 to 2026-03-10T13:45:07",
    );
  });

  it("the start belongs to the period, the end to the next", () => {
    const monthly = cycle("2026-01-10T13:45:07Z", "MONTH");
    expect(written(billingPeriodAt(monthly, at("2026-02-10T13:45:07.000Z")))).toBe(
      "2026-02-10T13:45:07 to 2026-03-10T13:45:07",
    );
    expect(written(billingPeriodAt(monthly, at("2026-02-10T13:45:06.999Z")))).toBe(
      "2026-01-10T13:45:07 to 2026-02-10T13:45:07",
    );
  });

  it("day 31 is clamped to short months and returns", () => {
    expect(starts(cycle("2026-01-31T00:00:00Z", "MONTH"), "2026-01-31T00:00:00Z", 6)).toEqual([
      "2026-01-31",
      "2026-02-28",
      "2026-03-31",
      "2026-04-30",
      "2026-05-31",
      "2026-06-30",
    ]);
  });

  it("in a leap year day 30 is clamped to 29 February", () => {
    expect(starts(cycle("2028-01-30T00:00:00Z", "MONTH"), "2028-01-30T00:00:00Z", 3)).toEqual([
      "2028-01-30",
      "2028-02-29",
      "2028-03-30",
    ]);
  });

  it("a yearly 29 February is the 28th but in leap years", () => {
    expect(starts(cycle("2024-02-29T12:00:00Z", "YEAR"), "2024-02-29T12:00:00Z", 5)).toEqual([
      "2024-02-29",
      "2025-02-28",
      "2026-02-28",
      "2027-02-28",
      "2028-02-29",
    ]);
  });

  it("a quarter is three months, from the anchor's month", () => {
    expect(starts(cycle("2025-11-30T00:00:00Z", "QUARTER"), "2025-11-30T00:00:00Z", 3)).toEqual([
      "2025-11-30",
      "2026-02-28",
      "2026-05-30",
    ]);
  });

  it("weeks and days are whole, in UTC, whatever the clocks do", () => {
    expect(written(billingPeriodAt(cycle("2026-03-28T06:00:00Z", "DAY"), at("2026-03-29T05:59:59Z")))).toBe(
      "2026-03-28T06:00:00 to 2026-03-29T06:00:00",
    );
    expect(written(billingPeriodAt(cycle("2026-01-01T00:00:00Z", "WEEK", 2), at("2026-01-20T00:00:00Z")))).toBe(
      "2026-01-15T00:00:00 to 2026-01-29T00:00:00",
    );
  });

  it("there are periods before the anchor, too", () => {
    const monthly = cycle("2026-03-31T08:00:00Z", "MONTH");
    expect(written(billingPeriodAt(monthly, at("2026-02-28T08:00:00Z")))).toBe(
      "2026-02-28T08:00:00 to 2026-03-31T08:00:00",
    );
    expect(written(billingPeriodAt(monthly, at("2026-02-28T07:59:59Z")))).toBe(
      "2026-01-31T08:00:00 to 2026-02-28T08:00:00",
    );
  });

  it("a calendar month is one in UTC", () => {
    expect(written(calendarMonthAt(at("2026-02-28T23:59:59.999Z")))).toBe("2026-02-01T00:00:00 to 2026-03-01T00:00:00");
  });

  it("a count that is no whole number from 1, or an instant that is none, is refused", () => {
    expect(() => billingPeriodAt(cycle("2026-01-01T00:00:00Z", "MONTH", 0), 0)).toThrow(RangeError);
    expect(() => billingPeriodAt(cycle("2026-01-01T00:00:00Z", "MONTH", 1.5), 0)).toThrow(RangeError);
    expect(() => billingPeriodAt(cycle("2026-01-01T00:00:00Z", "MONTH"), Number.NaN)).toThrow(RangeError);
  });
});

const instant = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2060, 0) });
const anyCycle = fc.record({
  anchorAt: instant,
  interval: fc.constantFrom(...BILLING_INTERVALS),
  intervalCount: fc.integer({ min: 1, max: 12 }),
});

describe("billing periods of any cycle", () => {
  it("hold their instant, and the next begins where one ends", () => {
    fc.assert(
      fc.property(anyCycle, instant, (of, when) => {
        const period = billingPeriodAt(of, when);
        expect(period.startAt <= when && when < period.endAt).toBe(true);
        expect(billingPeriodFollowing(of, period).startAt).toBe(period.endAt);
        expect(billingPeriodPreceding(of, period).endAt).toBe(period.startAt);
        expect(billingPeriodAt(of, period.startAt)).toEqual(period);
        expect(billingPeriodAt(of, period.endAt - 1)).toEqual(period);
      }),
    );
  });

  it("begin on the anchor's day, or on the last of a month that has no such day, at the anchor's time", () => {
    fc.assert(
      fc.property(anyCycle, instant, (of, when) => {
        const start = new Date(billingPeriodAt(of, when).startAt);
        const anchor = new Date(of.anchorAt);
        expect(start.toISOString().slice(11)).toBe(anchor.toISOString().slice(11));
        if (of.interval === "DAY" || of.interval === "WEEK") return;
        const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0)).getUTCDate();
        expect(start.getUTCDate()).toBe(Math.min(anchor.getUTCDate(), last));
      }),
    );
  });
});

describe("the calendar in integers", () => {
  it("agrees with Date on every day", () => {
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (days) => {
        const date = new Date(days * 86_400_000);
        const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
        expect(dateOfDays(days)).toEqual(expected);
        expect(daysOfDate(expected)).toBe(days);
      }),
    );
  });

  it("knows the lengths of months: 1900 and 2100 are no leap years, 2000 is", () => {
    expect([1900, 2000, 2024, 2026, 2100].map((year) => daysInMonth(year, 2))).toEqual([28, 29, 29, 28, 28]);
    expect([1, 4, 12].map((month) => daysInMonth(2026, month))).toEqual([31, 30, 31]);
  });
});
