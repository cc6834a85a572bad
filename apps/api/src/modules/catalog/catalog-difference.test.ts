import type { MeterDefinition, PlanDefinition, RateCard } from "@meterline/billing-domain";
import { describe, expect, test } from "vitest";
import { planCatalogChange, type StoredCatalog } from "./catalog-difference.ts";

const meter = (rest: Partial<MeterDefinition> = {}): MeterDefinition => ({
  key: "api_requests",
  name: "API requests",
  unit: "requests",
  aggregation: "SUM",
  valueProperty: null,
  groupBy: ["model", "region"],
  filters: [],
  allowNegative: false,
  requiresSubscription: false,
  carryOver: false,
  stripeTransport: "V1",
  stripeEventName: null,
  ...rest,
});

const plan = (rest: Partial<PlanDefinition> = {}): PlanDefinition => ({
  key: "growth",
  name: "Growth",
  currency: "USD",
  baseAmount: "49",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [{ meterKey: "api_requests", model: "PER_UNIT", unitPrice: "0.0004" }],
  ...rest,
});

const stored: StoredCatalog = { meters: [meter()], plans: [{ version: 3, definition: plan() }] };
const nothing: StoredCatalog = { meters: [], plans: [] };

function planned(from: StoredCatalog, meters: MeterDefinition[], plans: PlanDefinition[]) {
  const result = planCatalogChange(from, { meters, plans });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan;
}

function faultPaths(from: StoredCatalog, meters: MeterDefinition[], plans: PlanDefinition[]): string[] {
  const result = planCatalogChange(from, { meters, plans });
  return result.ok ? [] : result.faults.map((fault) => fault.path);
}

describe("what a file changes", () => {
  test("nothing, when the database holds the same", () => {
    expect(planned(stored, [meter()], [plan()])).toEqual({
      changes: [],
      newMeters: [],
      changedMeters: [],
      newPlanVersions: [],
    });
  });

  test("the order of fields is not content; the order of rate cards is, since bills stand in it", () => {
    const turned = Object.fromEntries(Object.entries(plan()).toReversed()) as PlanDefinition;
    expect(planned(stored, [meter()], [turned]).changes).toEqual([]);
    const second: RateCard = { meterKey: "seats", model: "PER_UNIT", unitPrice: "9" };
    const [first] = plan().rateCards as [RateCard];
    const from = {
      meters: [meter(), meter({ key: "seats" })],
      plans: [{ version: 1, definition: plan({ rateCards: [first, second] }) }],
    };
    expect(planned(from, [], [plan({ rateCards: [second, first] })]).newPlanVersions).toHaveLength(1);
  });

  test("a new plan begins at version 1, and a changed one gets the next", () => {
    expect(planned(nothing, [meter()], [plan()]).newPlanVersions).toEqual([{ version: 1, definition: plan() }]);
    const dearer = plan({ baseAmount: "59" });
    const change = planned(stored, [meter()], [dearer]);
    expect(change.newPlanVersions).toEqual([{ version: 4, definition: dearer }]);
    expect(change.changes).toEqual([
      { kind: "CHANGE", path: "plans.growth", summary: "version 4: baseAmount 49 → 59", before: plan(), after: dearer },
    ]);
  });

  test("name, unit and requiresSubscription of a meter may change", () => {
    const renamed = meter({ name: "Calls", unit: "calls", requiresSubscription: true });
    const change = planned(stored, [renamed], [plan()]);
    expect(change.changedMeters).toEqual([renamed]);
    expect(change.changes[0]?.summary).toBe(
      "name API requests → Calls; unit requests → calls; requiresSubscription false → true",
    );
  });

  test("what is in the database only is listed and left alone", () => {
    const change = planned(stored, [], []);
    expect(change.changes.map(({ kind, path }) => [kind, path])).toEqual([
      ["KEEP", "meters.api_requests"],
      ["KEEP", "plans.growth"],
    ]);
    expect([change.newMeters, change.changedMeters, change.newPlanVersions]).toEqual([[], [], []]);
  });
});

describe("what a meter measures may not change", () => {
  test.each([
    ["aggregation", { aggregation: "MAX" }],
    ["valueProperty", { valueProperty: "bytes" }],
    ["groupBy", { groupBy: ["region", "model"] }],
    ["filters", { filters: [{ property: "ok", operator: "EXISTS", values: [] }] }],
    ["allowNegative", { allowNegative: true }],
    ["carryOver", { carryOver: true }],
  ] as [string, Partial<MeterDefinition>][])("%s", (field, change) => {
    const other = meter({ key: "other" });
    expect(faultPaths(stored, [other, meter(change)], [])).toEqual([`meters[1].${field}`]);
  });

  test("the refusal says what to do", () => {
    const result = planCatalogChange(stored, { meters: [meter({ aggregation: "MAX" })], plans: [] });
    expect(result.ok ? "" : result.faults[0]?.message).toMatch(/"SUM" and cannot become "MAX".*another key/);
  });
});

describe("rate cards against meters", () => {
  const matrix = (properties: string[]): RateCard => ({
    meterKey: "api_requests",
    model: "MATRIX",
    properties,
    cells: [{ values: properties.map(() => "x"), unitPrice: "1" }],
    defaultUnitPrice: "2",
  });
  const percentage: RateCard = { meterKey: "api_requests", model: "PERCENTAGE", ratePercent: "2.9" };

  test("a card's meter is in the file or in the database", () => {
    expect(faultPaths(nothing, [], [plan()])).toEqual(["plans[0].rateCards[0].meterKey"]);
    expect(faultPaths(nothing, [meter()], [plan()])).toEqual([]);
    expect(faultPaths(stored, [], [plan({ key: "new" })])).toEqual([]);
  });

  test("a matrix may be priced by some of the meter's group-by properties, in any order, and by no other", () => {
    expect(faultPaths(nothing, [meter()], [plan({ rateCards: [matrix(["region"])] })])).toEqual([]);
    expect(faultPaths(nothing, [meter()], [plan({ rateCards: [matrix(["region", "model"])] })])).toEqual([]);
    expect(faultPaths(nothing, [meter()], [plan({ rateCards: [matrix(["model", "tier"])] })])).toEqual([
      "plans[0].rateCards[0].properties[1]",
    ]);
  });

  test.each([
    ["SUM", 0],
    ["COUNT", 0],
    ["MAX", 1],
    ["LATEST", 1],
    ["UNIQUE_COUNT", 1],
    ["WEIGHTED_SUM", 1],
  ] as const)(
    "matrix and percentage on %s: %i faults each, since only what adds up can be taken apart",
    (aggregation, faults) => {
      for (const card of [matrix(["model"]), percentage])
        expect(faultPaths(nothing, [meter({ aggregation })], [plan({ rateCards: [card] })])).toHaveLength(faults);
    },
  );
});

test("a limit that its meter cannot hold is refused, at its place in the file", () => {
  const limits: PlanDefinition["limits"] = [
    { policy: "HARD", meterKey: "api_requests", quantity: "5" },
    { policy: "HARD", meterKey: "seats", quantity: "5" },
    { policy: "SOFT", meterKey: "gone", quantity: "5" },
  ];
  const levels = meter({ key: "seats", aggregation: "WEIGHTED_SUM", groupBy: [] });
  expect(faultPaths(nothing, [meter(), levels], [plan({ limits })])).toEqual([
    "plans[0].limits[1].policy",
    "plans[0].limits[2].meterKey",
  ]);
});

test("a changed limit makes the next version of a plan", () => {
  const limits: PlanDefinition["limits"] = [{ policy: "HARD", meterKey: "api_requests", quantity: "5" }];
  expect(planned(stored, [meter()], [plan({ limits })]).newPlanVersions).toMatchObject([{ version: 4 }]);
});
