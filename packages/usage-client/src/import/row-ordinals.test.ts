import { expect, test } from "vitest";
import { RowOrdinals } from "./row-ordinals.ts";

test("rows with one key are counted in the order of the file, apart from other keys", () => {
  const ordinals = new RowOrdinals();
  expect(["a", "b", "a", "a", "b", "ab"].map((key) => ordinals.next(key))).toEqual([1, 1, 2, 3, 2, 1]);
});

test("past the bound on memory, key and ordinal still differ from row to row and agree from run to run", () => {
  const run = () => {
    const ordinals = new RowOrdinals({ maxExactKeys: 3, sharedCounters: 2 });
    return ["a", "b", "c", "d", "e", "f", "d", "a", "e", "d"].map((key) => `${key}${ordinals.next(key)}`);
  };
  expect(new Set(run()).size).toBe(10);
  expect(run()).toEqual(run());
});
