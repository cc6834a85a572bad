import { expect, test } from "vitest";
import { boundedCache } from "./bounded-cache.ts";

test("keeps the entries that were used last, and no more than its bound", () => {
  const cache = boundedCache<string, number>(2, 60_000);
  cache.set("a", 1).set("b", 2);
  cache.get("a");
  cache.set("c", 3);
  expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.size]).toEqual([1, undefined, 3, 2]);
});

test("writing an entry again takes no second place", () => {
  const cache = boundedCache<string, number>(2);
  for (let value = 0; value < 5; value += 1) cache.set("a", value);
  cache.set("b", 1);
  expect([cache.get("a"), cache.get("b"), cache.size]).toEqual([4, 1, 2]);
});
