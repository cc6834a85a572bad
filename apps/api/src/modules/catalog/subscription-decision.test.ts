import { describe, expect, test } from "vitest";
import { decideEnd, decideNewSubscription, decideResumption, type KnownSubscription } from "./subscription-decision.ts";

const at = (text: string) => Date.parse(text);
const january = at("2026-01-01T00:00:00Z");
const march = at("2026-03-01T00:00:00Z");
const june = at("2026-06-01T00:00:00Z");
const now = at("2026-11-23T09:30:15.789Z");
const wanted = (rest: object = {}) => ({ planKey: "growth", startsAt: null, anchorAt: null, ...rest });
const on = (key: string, startsAt: number, endsAt: number | null, anchorAt = startsAt): KnownSubscription => ({
  id: `${key}-${startsAt}`,
  plan: { key },
  startsAt,
  endsAt,
  anchorAt,
});

describe("a new subscription", () => {
  test("starts now and is anchored at its start, both cut to whole minutes", () => {
    const minute = at("2026-11-23T09:30:00Z");
    expect(decideNewSubscription([], wanted(), now)).toEqual({ kind: "CREATE", startsAt: minute, anchorAt: minute });
    expect(decideNewSubscription([], wanted({ startsAt: january + 59_999, anchorAt: march + 1 }), now)).toEqual({
      kind: "CREATE",
      startsAt: january,
      anchorAt: march,
    });
  });

  test("may start at the very instant at which another ends, and not a minute before", () => {
    const known = [on("starter", january, march)];
    expect(decideNewSubscription(known, wanted({ startsAt: march }), now).kind).toBe("CREATE");
    expect(decideNewSubscription(known, wanted({ startsAt: march - 60_000 }), now)).toMatchObject({
      kind: "CONFLICT",
      field: "startsAt",
    });
  });

  test("has no end, so it cannot start before one that comes later", () => {
    expect(decideNewSubscription([on("starter", june, null)], wanted({ startsAt: march }), now).kind).toBe("CONFLICT");
  });

  test("the same plan and start again is the same subscription, also after it ended", () => {
    const ended = on("growth", january, march);
    expect(decideNewSubscription([ended], wanted({ startsAt: january + 1 }), now)).toEqual({
      kind: "EXISTS",
      subscription: ended,
    });
    expect(decideNewSubscription([ended], wanted({ startsAt: january, planKey: "starter" }), now).kind).toBe(
      "CONFLICT",
    );
  });

  test("without a start, the one that runs now on the plan is meant", () => {
    const running = on("growth", january, null);
    expect(decideNewSubscription([running], wanted(), now)).toEqual({ kind: "EXISTS", subscription: running });
    expect(decideNewSubscription([on("growth", january, now)], wanted(), now).kind).toBe("CONFLICT");
    expect(decideNewSubscription([on("starter", january, null)], wanted(), now).kind).toBe("CONFLICT");
  });

  test("the same with another anchor is refused, and the anchor named", () => {
    expect(
      decideNewSubscription([on("growth", january, null)], wanted({ startsAt: january, anchorAt: march }), now),
    ).toMatchObject({ kind: "CONFLICT", field: "anchorAt" });
  });
});

describe("ending a subscription", () => {
  const until = (endsAt: number, frozenUntil: number | null = null) => ({ endsAt, frozenUntil });
  const running = on("growth", january, null);

  test("sets the end in whole minutes; the same end again changes nothing", () => {
    expect(decideEnd([running], running, until(march + 59_500), now)).toEqual({ kind: "END", endsAt: march });
    const ended = on("growth", january, march);
    expect(decideEnd([ended], ended, until(march), now)).toEqual({ kind: "ENDED", subscription: ended });
  });

  test("an end that lies ahead may move; one that has passed stays", () => {
    const ahead = on("growth", january, now + 60_000);
    expect(decideEnd([ahead], ahead, until(march), now).kind).toBe("END");
    const passed = on("growth", january, now);
    expect(decideEnd([passed], passed, until(june), now)).toMatchObject({ kind: "CONFLICT", field: "endsAt" });
  });

  test("the end comes after the start, by a minute at least", () => {
    expect(decideEnd([running], running, until(january + 59_999), now).kind).toBe("CONFLICT");
    expect(decideEnd([running], running, until(january + 60_000), now).kind).toBe("END");
  });

  test("the end may reach the next subscription and not go past it", () => {
    const first = on("growth", january, at("2027-01-01T00:00:00Z"));
    const next = on("scale", at("2027-01-01T00:00:00Z"), null);
    expect(decideEnd([first, next], first, until(at("2027-01-01T00:01:00Z")), now).kind).toBe("CONFLICT");
    expect(decideEnd([first, next], first, until(at("2026-12-31T00:00:00Z")), now).kind).toBe("END");
  });

  test("the end cuts no period that is frozen; it may be the instant up to which they are", () => {
    expect(decideEnd([running], running, until(march - 1_000, march), now)).toMatchObject({
      kind: "CONFLICT",
      field: "endsAt",
      message: expect.stringContaining("billed until"),
    });
    expect(decideEnd([running], running, until(march, march), now).kind).toBe("END");
  });
});

describe("taking an end back", () => {
  test("while it lies ahead and nothing comes after it", () => {
    const ahead = on("growth", january, now + 60_000);
    expect(decideResumption([ahead], ahead, now)).toEqual({ kind: "RESUME" });
    const passed = on("growth", january, now);
    expect(decideResumption([passed], passed, now)).toMatchObject({ kind: "CONFLICT" });
    const next = on("scale", now + 60_000, null);
    expect(decideResumption([ahead, next], ahead, now)).toMatchObject({ kind: "CONFLICT" });
  });

  test("of one that runs on changes nothing", () => {
    const running = on("growth", january, null);
    expect(decideResumption([running], running, now)).toEqual({ kind: "RUNNING" });
  });
});
