import { expect, test } from "vitest";
import { mayRetry, retryWaitMs, saysSignedOut } from "./live-retry.ts";

test("a restart, a slow reader or no answer is tried again; an ended session or a fault of ours is not", () => {
  for (const code of [1001, 1006, 1011, 4420, 4430, 4503, 4408]) expect(mayRetry({ code })).toBe(true);
  expect(mayRetry(new Event("error"))).toBe(true);
  for (const code of [1009, 4400, 4403, 4409, 4410]) expect(mayRetry({ code })).toBe(false);
});

test("only 4403 and 4410 say that nobody is signed in", () => {
  expect([4403, 4410, 4420, 1006].map((code) => saysSignedOut({ code }))).toEqual([true, true, false, false]);
  expect(saysSignedOut(new Error("x"))).toBe(false);
});

test("waits double up to 20 s, with chance from half to all of it", () => {
  expect([0, 1, 2, 10].map((attempt) => retryWaitMs(attempt, () => 1))).toEqual([300, 600, 1_200, 20_000]);
  expect(retryWaitMs(0, () => 0)).toBe(150);
});
