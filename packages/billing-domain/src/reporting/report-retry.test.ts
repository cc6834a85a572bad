import { describe, expect, test } from "vitest";
import { type Attempt, afterAttempt, mayRepeat, retryWaitMs } from "./report-retry.ts";

const HOUR = 3_600_000;
const now = 1_000 * HOUR;

function after(outcome: Attempt["outcome"], more: Partial<Attempt> = {}) {
  return afterAttempt({
    outcome,
    attempts: 1,
    startedAt: now - 50,
    now,
    doubtfulSince: null,
    isRepeatable: false,
    random: 0,
    ...more,
  });
}

describe("after an attempt", () => {
  test("success settles it, whatever was in doubt before", () => {
    expect(after({ kind: "DONE" }, { doubtfulSince: 5 })).toEqual({
      state: "ACCEPTED",
      nextAttemptAt: null,
      doubtfulSince: null,
    });
  });

  test("a known identifier is success where an earlier attempt may have been counted", () => {
    expect(after({ kind: "ALREADY_DONE" }, { doubtfulSince: now - HOUR }).state).toBe("ACCEPTED");
  });

  test("a known identifier that was never sent is looked up first", () => {
    expect(after({ kind: "ALREADY_DONE" })).toEqual({
      state: "UNCERTAIN",
      nextAttemptAt: now,
      doubtfulSince: now - 50,
    });
  });

  test("what was surely not done is tried again, for ever", () => {
    expect(after({ kind: "RETRYABLE", retryAfterMs: null })).toEqual({
      state: "PENDING",
      nextAttemptAt: now + 500,
      doubtfulSince: null,
    });
  });

  test("what may have been done is tried again under the same name, for 23 hours from its first attempt", () => {
    expect(after({ kind: "AMBIGUOUS", retryAfterMs: null })).toEqual({
      state: "PENDING",
      nextAttemptAt: now + 500,
      doubtfulSince: now - 50,
    });
    const since = now + 500 - 23 * HOUR;
    expect(after({ kind: "AMBIGUOUS", retryAfterMs: null }, { doubtfulSince: since + 1 }).state).toBe("PENDING");
    expect(after({ kind: "AMBIGUOUS", retryAfterMs: null }, { doubtfulSince: since })).toEqual({
      state: "UNCERTAIN",
      nextAttemptAt: now,
      doubtfulSince: since,
    });
    // A rate limit now does not take back that an earlier attempt is in doubt.
    expect(after({ kind: "RETRYABLE", retryAfterMs: null }, { doubtfulSince: since }).state).toBe("UNCERTAIN");
  });

  test("a refusal is a dead letter, or says nothing where an earlier attempt may have been counted", () => {
    expect(after({ kind: "PERMANENT" }).state).toBe("DEAD");
    expect(after({ kind: "PERMANENT" }, { doubtfulSince: now - HOUR }).state).toBe("UNCERTAIN");
  });

  test("a value that is set may be repeated for ever", () => {
    const set = { isRepeatable: true, doubtfulSince: now - 100 * HOUR };
    expect(after({ kind: "AMBIGUOUS", retryAfterMs: null }, set).state).toBe("PENDING");
    expect(after({ kind: "PERMANENT" }, set).state).toBe("DEAD");
    expect(mayRepeat(set, now)).toBe(true);
  });
});

describe("the wait", () => {
  test("doubles from one second to five minutes, at least half of it", () => {
    expect([1, 2, 3, 9, 10, 1_000].map((attempts) => retryWaitMs(attempts, 0, null))).toEqual([
      500, 1_000, 2_000, 128_000, 150_000, 150_000,
    ]);
    expect(retryWaitMs(10, 0.999_999, null)).toBe(300_000);
  });

  test("is as long as Stripe asks for, up to an hour", () => {
    expect(retryWaitMs(1, 0, 30_000)).toBe(30_000);
    expect(retryWaitMs(1, 0, 30 * HOUR)).toBe(HOUR);
  });
});
