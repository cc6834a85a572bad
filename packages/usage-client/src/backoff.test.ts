import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryDelayMs } from "./backoff.ts";

const bounds = { initialBackoffMs: 100, maxBackoffMs: 10_000 };

describe("retryDelayMs", () => {
  test("full jitter: from nothing to a ceiling that doubles", () => {
    expect(retryDelayMs(1, { bounds, retryAfterMs: null, random: 0 })).toBe(0);
    expect(retryDelayMs(1, { bounds, retryAfterMs: null, random: 0.999 })).toBe(99);
    expect(retryDelayMs(2, { bounds, retryAfterMs: null, random: 0.5 })).toBe(100);
    expect(retryDelayMs(4, { bounds, retryAfterMs: null, random: 0.5 })).toBe(400);
  });

  test("the ceiling never passes maxBackoffMs, however many attempts", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (attempt, random) => {
          const delayMs = retryDelayMs(attempt, { bounds, retryAfterMs: null, random });
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThan(Math.min(10_000, 100 * 2 ** Math.min(attempt - 1, 50)));
        },
      ),
    );
  });

  test("Retry-After is a floor, of at most a minute", () => {
    expect(retryDelayMs(1, { bounds, retryAfterMs: 3_000, random: 0 })).toBe(3_000);
    expect(retryDelayMs(1, { bounds, retryAfterMs: 999_999_000, random: 0 })).toBe(60_000);
  });
});
