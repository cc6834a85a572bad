import { describe, expect, test } from "vitest";
import { RateBudget, type Timer } from "./rate-budget.ts";

/** Time that moves only when somebody waits; `waited` are the waits as they were asked for. */
function manualTimer(): Timer & { at: number; waited: number[] } {
  const timer = {
    at: 0,
    waited: [] as number[],
    now: () => timer.at,
    wait: async (ms: number) => {
      timer.waited.push(ms);
      timer.at += ms;
    },
  };
  return timer;
}

describe("a rate budget", () => {
  test("of 100 a second: 10 at once after a pause, then one each 10 ms", async () => {
    const timer = manualTimer();
    const budget = new RateBudget(100, timer);
    for (let call = 0; call < 11; call += 1) await budget.take();
    expect(timer.waited).toEqual([]);
    await budget.take();
    expect(timer.waited).toEqual([10]);
    await budget.take();
    expect(timer.waited).toEqual([10, 10]);
  });

  test("in any second no more is spent than the rate and the burst", async () => {
    const timer = manualTimer();
    const budget = new RateBudget(25, timer);
    const spentAt: number[] = [];
    for (let call = 0; call < 200; call += 1) {
      await budget.take();
      spentAt.push(timer.at);
    }
    const most = Math.max(...spentAt.map((from) => spentAt.filter((at) => at >= from && at < from + 1_000).length));
    expect(most).toBeLessThanOrEqual(28);
  });

  test("a hundred tokens at once are paid for before the next one is free", async () => {
    const timer = manualTimer();
    const budget = new RateBudget(1_000, timer);
    await budget.take(200);
    expect(timer.waited).toEqual([]);
    await budget.take();
    expect(timer.waited).toEqual([100]);
  });

  test("with a burst of 300 ms a hold-up of so long is made up for, and no more", async () => {
    const timer = manualTimer();
    const budget = new RateBudget(1_000, timer, 300);
    timer.at = 10_000;
    for (let call = 0; call < 301; call += 1) await budget.take();
    expect(timer.waited).toEqual([]);
    await budget.take();
    expect(timer.waited).toEqual([1]);
  });

  test("a pause holds everybody", async () => {
    const timer = manualTimer();
    const budget = new RateBudget(1_000, timer);
    budget.pause(500);
    await budget.take();
    expect(timer.waited).toEqual([500]);
  });
});
