import { describe, expect, test } from "vitest";
import { type ClosingFacts, closingState, nextPeriodToFreeze } from "./closing.ts";
import { customerPeriodAt, type PlanTerm } from "./customer-period.ts";

const at = (text: string) => Date.parse(text);
const march = { startAt: at("2026-03-01T00:00:00Z"), endAt: at("2026-04-01T00:00:00Z") };
const monthly = (startsAt: string, endsAt: string | null): PlanTerm => ({
  startsAt: at(startsAt),
  endsAt: endsAt === null ? null : at(endsAt),
  cycle: { anchorAt: at("2026-01-01T00:00:00Z"), interval: "MONTH", intervalCount: 1 },
});
const running = [monthly("2026-01-01T00:00:00Z", null)];

function next(facts: Partial<ClosingFacts<PlanTerm>>) {
  const all = { subscriptions: running, goLiveAt: at("2026-03-10T00:00:00Z"), frozenUntil: null, ...facts };
  return nextPeriodToFreeze(all)?.window ?? null;
}

describe("the period that is frozen next", () => {
  test("is first the one that holds the go-live; what ended before is historical", () => {
    expect(next({})).toEqual(march);
    expect(next({ goLiveAt: march.startAt })).toEqual(march);
    expect(next({ goLiveAt: march.endAt })?.startAt).toBe(march.endAt);
  });

  test("is then the one after the last that was frozen", () => {
    expect(next({ frozenUntil: march.endAt })?.startAt).toBe(march.endAt);
  });

  test("is cut where the plan ends, and there is none after it", () => {
    const ending = [monthly("2026-01-01T00:00:00Z", "2026-03-20T00:00:00Z")];
    expect(next({ subscriptions: ending })).toEqual({ startAt: march.startAt, endAt: at("2026-03-20T00:00:00Z") });
    expect(next({ subscriptions: ending, frozenUntil: at("2026-03-20T00:00:00Z") })).toBeNull();
    expect(next({ subscriptions: [] })).toBeNull();
  });

  test("leaves out a stretch without a plan", () => {
    const gap = [monthly("2026-01-01T00:00:00Z", "2026-03-20T00:00:00Z"), monthly("2026-05-10T00:00:00Z", null)];
    expect(next({ subscriptions: gap, frozenUntil: at("2026-03-20T00:00:00Z") })).toEqual({
      startAt: at("2026-05-10T00:00:00Z"),
      endAt: at("2026-06-01T00:00:00Z"),
    });
  });
});

describe("the state of a period", () => {
  const facts = { subscriptions: running, goLiveAt: at("2026-01-01T00:00:00Z") };
  const stateAt = (now: string, frozenUntil: number | null, goLiveAt = facts.goLiveAt) =>
    closingState(customerPeriodAt(running, march.startAt), { ...facts, goLiveAt, frozenUntil }, at(now));

  test("is CLOSED only when it is frozen, however long after its end", () => {
    expect(stateAt("2026-03-31T23:59:59.999Z", null)).toBe("OPEN");
    expect(stateAt("2026-04-01T00:00:00Z", null)).toBe("CLOSING");
    expect(stateAt("2026-04-09T00:00:00Z", at("2026-03-01T00:00:00Z"))).toBe("CLOSING");
    expect(stateAt("2026-04-09T00:00:00Z", march.endAt)).toBe("CLOSED");
  });

  test("of a historical one goes by time alone", () => {
    expect(stateAt("2026-04-01T00:59:59Z", null, march.endAt)).toBe("CLOSING");
    expect(stateAt("2026-04-01T01:00:00Z", null, march.endAt)).toBe("CLOSED");
  });

  test("without a plan goes by time alone", () => {
    const period = customerPeriodAt([], march.startAt);
    expect(closingState(period, { ...facts, subscriptions: [], frozenUntil: null }, at("2026-04-01T01:00:00Z"))).toBe(
      "CLOSED",
    );
  });
});
