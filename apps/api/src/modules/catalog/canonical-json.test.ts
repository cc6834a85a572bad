import { expect, test } from "vitest";
import { canonicalJson, jsonDifferences } from "./canonical-json.ts";

test("the order of fields does not matter, the order of lists does", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test("an undefined field is an absent one", () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test("differences name the deepest places, with what is new and what is gone", () => {
  const before = { price: "1", tiers: [{ upTo: "5" }, { upTo: null }], old: true };
  const after = { price: "2", tiers: [{ upTo: "5" }, { upTo: "9" }, { upTo: null }], fresh: 1 };
  expect(jsonDifferences(before, after)).toEqual([
    { path: "price", before: "1", after: "2" },
    { path: "tiers[1].upTo", before: null, after: "9" },
    { path: "tiers[2]", before: undefined, after: { upTo: null } },
    { path: "fresh", before: undefined, after: 1 },
    { path: "old", before: true, after: undefined },
  ]);
  expect(jsonDifferences(before, structuredClone(before))).toEqual([]);
});
