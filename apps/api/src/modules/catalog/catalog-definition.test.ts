import { describe, expect, test } from "vitest";
import { parseCatalog } from "./catalog-definition.ts";

const meter = { key: "api_requests", name: "API requests", unit: "requests", aggregation: "SUM" };
const plan = {
  key: "growth",
  name: "Growth",
  currency: "USD",
  baseAmount: "49",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [{ meterKey: "api_requests", model: "PER_UNIT", unitPrice: "0.0004" }],
};

function pathsOf(json: unknown): string[] {
  const read = parseCatalog(json);
  return read.ok ? [] : read.faults.map((fault) => fault.path);
}

describe("a catalog file", () => {
  test("may leave out either list, or write it empty as YAML does", () => {
    expect(parseCatalog({})).toEqual({ ok: true, catalog: { meters: [], plans: [] } });
    expect(parseCatalog({ meters: null, plans: [] })).toEqual({ ok: true, catalog: { meters: [], plans: [] } });
  });

  test.each([[null], [[]], ["meters"], [3]])("%j is no catalog", (json) => {
    expect(pathsOf(json)).toEqual([""]);
  });

  test("a misspelt list is a fault, since its content would silently be ignored", () => {
    expect(pathsOf({ meter: [meter] })).toEqual(["meter"]);
    expect(pathsOf({ meters: { api_requests: meter } })).toEqual(["meters"]);
  });

  test("every fault of every item comes at once, with its path from the root", () => {
    const faulty = {
      meters: [meter, { ...meter, key: "Bad Key", aggregation: "AVERAGE" }],
      plans: [
        plan,
        { ...plan, key: "scale", rateCards: [{ meterKey: "api_requests", model: "PER_UNIT", unitPrice: 3 }] },
      ],
    };
    expect(pathsOf(faulty)).toEqual(["meters[1].key", "meters[1].aggregation", "plans[1].rateCards[0].unitPrice"]);
    expect(pathsOf({ plans: [7] })).toEqual(["plans[0]"]);
  });

  test("one key twice is a fault at the second", () => {
    expect(pathsOf({ meters: [meter, meter], plans: [plan, plan, plan] })).toEqual([
      "meters[1].key",
      "plans[1].key",
      "plans[2].key",
    ]);
  });

  test("1,001 meters are too many", () => {
    const meters = Array.from({ length: 1_001 }, (_, index) => ({ ...meter, key: `m${index}` }));
    expect(pathsOf({ meters })).toEqual(["meters"]);
    expect(pathsOf({ meters: meters.slice(1) })).toEqual([]);
  });
});
