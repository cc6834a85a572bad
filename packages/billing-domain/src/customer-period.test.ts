import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  billingPeriodState,
  customerPeriodAt,
  customerPeriodsBetween,
  GRACE_MS,
  type PlanTerm,
} from "./customer-period.ts";

const at = (text: string) => Date.parse(text);
const term = (startsAt: string, endsAt: string | null, anchor = startsAt): PlanTerm => ({
  startsAt: at(startsAt),
  endsAt: endsAt === null ? null : at(endsAt),
  cycle: { anchorAt: at(anchor), interval: "MONTH", intervalCount: 1 },
});
const days = ({ startAt, endAt }: { startAt: number; endAt: number }) =>
  [startAt, endAt].map((instant) => new Date(instant).toISOString().slice(0, 10));

describe("a customer's billing period", () => {
  it("is the cycle's, while a plan runs", () => {
    const period = customerPeriodAt([term("2026-01-10T00:00:00Z", null)], at("2026-03-01T00:00:00Z"));
    expect(days(period.window)).toEqual(["2026-02-10", "2026-03-10"]);
    expect(period.full).toEqual(period.window);
  });

  it("is cut where the plan starts after its anchor, and keeps the full one for proration", () => {
    const period = customerPeriodAt(
      [term("2026-01-16T00:00:00Z", null, "2026-01-01T00:00:00Z")],
      at("2026-01-20T00:00:00Z"),
    );
    expect([days(period.window), days(period.full)]).toEqual([
      ["2026-01-16", "2026-02-01"],
      ["2026-01-01", "2026-02-01"],
    ]);
  });

  it("is cut where the plan ends, and the rest of the month is without a plan", () => {
    const terms = [term("2026-01-01T00:00:00Z", "2026-02-11T00:00:00Z")];
    expect(days(customerPeriodAt(terms, at("2026-02-10T23:59:59Z")).window)).toEqual(["2026-02-01", "2026-02-11"]);
    const after = customerPeriodAt(terms, at("2026-02-11T00:00:00Z"));
    expect([days(after.window), after.term]).toEqual([["2026-02-11", "2026-03-01"], null]);
  });

  it("without any plan is the calendar month in UTC, up to the first plan", () => {
    expect(days(customerPeriodAt([], at("2026-02-15T00:00:00Z")).window)).toEqual(["2026-02-01", "2026-03-01"]);
    const terms = [term("2026-02-20T00:00:00Z", null)];
    expect(days(customerPeriodAt(terms, at("2026-02-15T00:00:00Z")).window)).toEqual(["2026-02-01", "2026-02-20"]);
  });

  it("tiles time for any terms: no gap, no overlap, each instant in its own", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: at("2025-01-01T00:00:00Z"), max: at("2027-01-01T00:00:00Z") }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(cuts, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), (unsorted, used) => {
        const edges = unsorted.toSorted((left, right) => left - right);
        const terms = edges.flatMap((startsAt, index): PlanTerm[] =>
          used[index]
            ? [
                {
                  startsAt,
                  endsAt: edges[index + 1] ?? null,
                  cycle: { anchorAt: startsAt, interval: "WEEK", intervalCount: 1 },
                },
              ]
            : [],
        );
        const from = at("2024-12-15T00:00:00Z");
        const periods = customerPeriodsBetween(terms, from, at("2027-02-01T00:00:00Z"));
        for (const [index, { window, term: own }] of periods.entries()) {
          if (index > 0) expect(window.startAt).toBe(periods[index - 1]?.window.endAt);
          for (const instant of [window.startAt, window.endAt - 1]) {
            expect(customerPeriodAt(terms, instant)).toMatchObject({ window });
            expect(customerPeriodAt(terms, instant).term).toBe(own);
          }
        }
      }),
    );
  });

  it("more periods than asked for are refused", () => {
    expect(() => customerPeriodsBetween([], 0, at("2026-01-01T00:00:00Z"), 10)).toThrow(RangeError);
  });
});

describe("the state of a period", () => {
  const window = { startAt: 0, endAt: at("2026-02-01T00:00:00Z") };
  it("is OPEN up to its end, CLOSING for an hour, then CLOSED", () => {
    const states = [-1, 0, GRACE_MS - 1, GRACE_MS].map((after) => billingPeriodState(window, window.endAt + after));
    expect(states).toEqual(["OPEN", "CLOSING", "CLOSING", "CLOSED"]);
  });
});
