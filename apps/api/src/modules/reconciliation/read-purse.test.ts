import { describe, expect, test } from "vitest";
import { purseOfScheduledRun, ReadPurse, readsOfScheduledRun } from "./read-purse.ts";

const takeAll = (purse: ReadPurse) => {
  while (purse.take());
  return purse.spent;
};

describe("a purse of reads", () => {
  test("gives what is in it, then says that it was short", () => {
    const purse = new ReadPurse(2);
    expect([purse.take(), purse.take(), purse.wasShort]).toEqual([true, true, false]);
    expect([purse.take(), purse.wasShort, purse.spent]).toEqual([false, true, 2]);
    expect(new ReadPurse(-3).take()).toBe(false);
  });

  test("of a scheduled run holds a thirtieth of half the allowance", () => {
    // 10,000 × 0.5 / 30 = 166.7
    expect(readsOfScheduledRun(10_000)).toBe(166);
    expect(takeAll(purseOfScheduledRun({ readsPerMonth: 10_000, left: 10_000, spent: 0 }))).toBe(166);
    expect(takeAll(purseOfScheduledRun({ readsPerMonth: 10_000, left: 10_000, spent: 160 }))).toBe(6);
  });

  test("of a scheduled run leaves 30 % of the allowance alone", () => {
    expect(takeAll(purseOfScheduledRun({ readsPerMonth: 10_000, left: 3_040, spent: 0 }))).toBe(40);
    expect(takeAll(purseOfScheduledRun({ readsPerMonth: 10_000, left: 3_000, spent: 0 }))).toBe(0);
  });
});
