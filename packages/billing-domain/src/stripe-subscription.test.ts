import { describe, expect, test } from "vitest";
import { endsPeriod, type OwnSubscription, planSubscriptionSteps } from "./stripe-subscription.ts";

const at = (text: string) => Date.parse(`${text}Z`);
const march = at("2026-03-01T00:00");
const april = at("2026-04-01T00:00");
const may = at("2026-05-01T00:00");
const now = at("2026-03-16T10:00");
const goLiveAt = at("2026-01-01T00:00");

const own = (change: Partial<OwnSubscription> = {}): OwnSubscription => {
  const startsAt = change.startsAt ?? march;
  return {
    id: "s",
    startsAt,
    endsAt: null,
    cycle: { anchorAt: startsAt, interval: "MONTH", intervalCount: 1 },
    ...change,
  };
};
const link = (change: object = {}) => ({
  planSubscriptionId: "s",
  stripeSubscriptionId: "sub",
  cancelAt: null,
  endedAt: null,
  ...change,
});
const steps = (one: OwnSubscription, links: ReturnType<typeof link>[] = [], when = { goLiveAt, now }) =>
  planSubscriptionSteps([one], links, when);
const named = { planSubscriptionId: "s", stripeSubscriptionId: "sub" };

describe("beginning to bill through Stripe", () => {
  test("begins with the running period", () => {
    const create = { step: "CREATE", planSubscriptionId: "s", startAt: march };
    expect(steps(own())).toEqual({ steps: [create], againAt: null });
  });

  test("a short first period begins where the subscription does", () => {
    const cycle = { anchorAt: april, interval: "MONTH", intervalCount: 1 } as const;
    const startsAt = at("2026-03-10T08:30");
    expect(steps(own({ startsAt, cycle })).steps).toEqual([
      { step: "CREATE", planSubscriptionId: "s", startAt: startsAt },
    ]);
  });

  test("a customer who went live in the middle of a period is billed from the next one on", () => {
    expect(steps(own(), [], { goLiveAt: march, now }).steps).toHaveLength(1);
    expect(steps(own(), [], { goLiveAt: march + 1, now })).toEqual({ steps: [], againAt: april });
    expect(steps(own({ endsAt: april }), [], { goLiveAt: march + 1, now })).toEqual({ steps: [], againAt: null });
  });

  test("a period that began more than 34 days ago is left to the next one: its usage may be too old to be told", () => {
    const quarterly = own({
      startsAt: at("2026-02-10T10:00"),
      cycle: { anchorAt: at("2026-02-10T10:00"), interval: "QUARTER", intervalCount: 1 },
    });
    expect(steps(quarterly).steps).toHaveLength(1);
    expect(steps(quarterly, [], { goLiveAt, now: now + 1 })).toEqual({ steps: [], againAt: at("2026-05-10T10:00") });
  });

  test("one that starts later waits for its start, and one that is over is left alone", () => {
    expect(steps(own({ startsAt: april }))).toEqual({ steps: [], againAt: april });
    expect(steps(own({ startsAt: goLiveAt, endsAt: march }))).toEqual({ steps: [], againAt: null });
  });

  test("one that begins within a minute is refused, with the way out", () => {
    expect(steps(own({ startsAt: march + 15_000 })).steps).toEqual([
      { step: "REFUSE", planSubscriptionId: "s", reason: expect.stringContaining("end it at a whole minute") },
    ]);
  });

  test("what is billed already needs nothing", () => {
    expect(steps(own(), [link()])).toEqual({ steps: [], againAt: null });
  });
});

describe("ending", () => {
  test("is set in the last period, and not before", () => {
    expect(steps(own({ endsAt: april }), [link()]).steps).toEqual([{ step: "CANCEL", ...named }]);
    expect(steps(own({ endsAt: may }), [link()])).toEqual({ steps: [], againAt: april });
    expect(steps(own({ endsAt: may }), [link()], { goLiveAt, now: april }).steps).toEqual([
      { step: "CANCEL", ...named },
    ]);
    expect(steps(own({ endsAt: april }), [link({ cancelAt: april })])).toEqual({ steps: [], againAt: null });
  });

  test("that was taken back is taken back at Stripe", () => {
    expect(steps(own(), [link({ cancelAt: april })]).steps).toEqual([{ step: "KEEP", ...named }]);
  });

  test("in the middle of a period is refused; in the past it is stopped there", () => {
    expect(steps(own({ endsAt: at("2026-03-20T00:00") }), [link()]).steps).toMatchObject([{ step: "REFUSE" }]);
    expect(steps(own({ endsAt: at("2026-03-10T00:00") }), [link()]).steps).toEqual([{ step: "STOP", ...named }]);
  });

  test("what has ended there is left alone", () => {
    expect(steps(own({ endsAt: april }), [link({ endedAt: april })])).toEqual({ steps: [], againAt: null });
  });
});

test("a change of plan: the old one ends with its period, and the next begins there", () => {
  const before = own({ endsAt: april });
  const after = own({ id: "next", startsAt: april });
  expect(planSubscriptionSteps([before, after], [link()], { goLiveAt, now })).toEqual({
    steps: [{ step: "CANCEL", ...named }],
    againAt: april,
  });
  const ended = [link({ cancelAt: april, endedAt: april })];
  expect(planSubscriptionSteps([before, after], ended, { goLiveAt, now: april }).steps).toEqual([
    { step: "CREATE", planSubscriptionId: "next", startAt: april },
  ]);
});

test("a billing period ends where the next begins, and at no other instant", () => {
  const cycle = { anchorAt: at("2026-01-31T12:00"), interval: "MONTH", intervalCount: 1 } as const;
  expect(endsPeriod(cycle, at("2026-02-28T12:00"))).toBe(true);
  expect(endsPeriod(cycle, at("2026-03-31T12:00"))).toBe(true);
  expect(endsPeriod(cycle, at("2026-03-28T12:00"))).toBe(false);
});
