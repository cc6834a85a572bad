import { describe, expect, it } from "vitest";
import { parseMeterDefinition } from "./meter.ts";

const valid = { key: "api_requests", name: "API requests", unit: "requests", aggregation: "SUM" };
const paths = (json: unknown) => {
  const parsed = parseMeterDefinition(json);
  return parsed.ok ? [] : parsed.faults.map((fault) => fault.path);
};

describe("meter definitions", () => {
  it("what is left out has a default", () => {
    expect(parseMeterDefinition(valid)).toEqual({
      ok: true,
      meter: {
        ...valid,
        valueProperty: null,
        groupBy: [],
        filters: [],
        allowNegative: false,
        requiresSubscription: false,
        carryOver: false,
        stripeTransport: "V1",
        stripeEventName: null,
      },
    });
  });

  it("every fault is reported at once, with its path", () => {
    const broken = {
      key: "API",
      name: "",
      aggregation: "AVERAGE",
      groupBy: ["a", "b", "c", "d"],
      colour: "red",
      allowNegative: "yes",
    };
    expect(paths(broken)).toEqual(["key", "name", "unit", "aggregation", "groupBy", "allowNegative", "colour"]);
    expect(paths("a meter")).toEqual([""]);
  });

  it("UNIQUE_COUNT names its property, COUNT has none", () => {
    expect(paths({ ...valid, aggregation: "UNIQUE_COUNT" })).toEqual(["valueProperty"]);
    expect(paths({ ...valid, aggregation: "UNIQUE_COUNT", valueProperty: "user" })).toEqual([]);
    expect(paths({ ...valid, aggregation: "COUNT", valueProperty: "user" })).toEqual(["valueProperty"]);
  });

  it("levels are one series, and only levels carry over", () => {
    expect(paths({ ...valid, aggregation: "WEIGHTED_SUM", carryOver: true })).toEqual([]);
    expect(paths({ ...valid, aggregation: "WEIGHTED_SUM", groupBy: ["bucket"] })).toEqual(["groupBy"]);
    expect(paths({ ...valid, carryOver: true })).toEqual(["carryOver"]);
  });

  it("meters without quantities take no negative ones", () => {
    expect(paths({ ...valid, aggregation: "COUNT", allowNegative: true })).toEqual(["allowNegative"]);
    expect(paths({ ...valid, allowNegative: true })).toEqual([]);
  });

  it("a group-by property is named once", () => {
    expect(paths({ ...valid, groupBy: ["model", "model"] })).toEqual(["groupBy"]);
    expect(paths({ ...valid, groupBy: ["model", "region", "tier"] })).toEqual([]);
  });

  it("a filter lists values, but EXISTS lists none", () => {
    const filters = (filter: object) => paths({ ...valid, filters: [filter] });
    expect(filters({ property: "status", operator: "IN", values: ["ok"] })).toEqual([]);
    expect(filters({ property: "status", operator: "IN" })).toEqual(["filters[0].values"]);
    expect(filters({ property: "status", operator: "EXISTS", values: ["ok"] })).toEqual(["filters[0].values"]);
    expect(filters({ property: "status", operator: "LIKE", values: ["ok"] })).toEqual(["filters[0].operator"]);
  });
});
