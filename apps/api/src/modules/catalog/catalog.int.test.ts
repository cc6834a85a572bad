import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { AuditLog } from "../../platform/audit/index.ts";
import type { Viewer } from "../../platform/auth/index.ts";
import { FrozenClock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { openTestDatabase } from "../../platform/database/database.testing.ts";
import { CatalogService } from "./catalog.service.ts";
import { Meters } from "./meters.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const clock = new FrozenClock(Date.parse("2026-11-23T09:00:00Z"));
const closing: (() => Promise<void>)[] = [];
let database: Database;
let meters: Meters;
let catalogs: CatalogService;

beforeEach(async () => {
  const opened = await openTestDatabase();
  closing.push(opened.close);
  database = opened.database;
  meters = new Meters(database);
  catalogs = new CatalogService({ database, clock, audit: new AuditLog(clock), meters });
});
afterAll(() => Promise.all(closing.map((close) => close())));

const apiRequests = {
  key: "api_requests",
  name: "API requests",
  unit: "requests",
  aggregation: "SUM",
  groupBy: ["model"],
};
const card = { meterKey: "api_requests", model: "PER_UNIT", unitPrice: "0.0004" };
const growth = (baseAmount: string) => ({
  key: "growth",
  name: "Growth",
  currency: "USD",
  baseAmount,
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [card],
});
const file = (baseAmount = "49") => ({ meters: [apiRequests], plans: [growth(baseAmount)] });

async function applyNow(catalog: object): Promise<string[]> {
  const { digest } = await catalogs.difference(catalog);
  const { changes } = await catalogs.apply(staff, catalog, digest);
  return changes.map((change) => `${change.kind} ${change.path}`);
}

async function versions(): Promise<[string, number, string][]> {
  const rows = await database.query<{ plan_key: string; version: number; base: string }>(
    "SELECT plan_key, version, definition ->> 'baseAmount' AS base FROM plan_version ORDER BY plan_key, version",
  );
  return rows.map((row) => [row.plan_key, row.version, row.base]);
}

const code = (text: string) => expect.objectContaining({ code: text });

describe("applying a catalog", () => {
  test("writes what the difference showed; twice changes nothing", async () => {
    expect(await applyNow(file())).toEqual(["ADD meters.api_requests", "ADD plans.growth"]);
    expect(await applyNow(file())).toEqual([]);
    expect(await versions()).toEqual([["growth", 1, "49"]]);
    const audited = await database.query<{ actor: string }>(
      "SELECT actor FROM audit_entry WHERE action = 'catalog.apply'",
    );
    expect(audited).toEqual([{ actor: "staff:s1" }]);
    const stored = (await meters.find(["api_requests"])).get("api_requests");
    expect(stored?.definition).toEqual({
      ...apiRequests,
      valueProperty: null,
      filters: [],
      allowNegative: false,
      requiresSubscription: false,
      carryOver: false,
      stripeTransport: "V1",
      stripeEventName: null,
    });
  });

  test("the difference alone writes nothing", async () => {
    await catalogs.difference(file());
    expect([await versions(), await meters.all()]).toEqual([[], []]);
  });

  test("a changed plan is a new version beside the old one, and changing it back another", async () => {
    for (const amount of ["49", "59", "49"]) await applyNow(file(amount));
    expect(await versions()).toEqual([
      ["growth", 1, "49"],
      ["growth", 2, "59"],
      ["growth", 3, "49"],
    ]);
    expect((await catalogs.plans()).map((plan) => [plan.definition.key, plan.version])).toEqual([["growth", 3]]);
  });

  test("a renamed meter is the same meter, and the cache forgets its old name", async () => {
    await applyNow(file());
    const before = (await meters.find(["api_requests"])).get("api_requests");
    await applyNow({ meters: [{ ...apiRequests, name: "Calls" }] });
    const after = (await meters.find(["api_requests"])).get("api_requests");
    expect([before?.definition.name, after?.definition.name, after?.id]).toEqual(["API requests", "Calls", before?.id]);
  });

  test("what is not in the file stays", async () => {
    await applyNow(file());
    expect(await applyNow({})).toEqual(["KEEP meters.api_requests", "KEEP plans.growth"]);
    expect([await versions(), await meters.all()]).toEqual([[["growth", 1, "49"]], [expect.anything()]]);
  });

  test("what a meter measures cannot change, and a faulty file is refused whole", async () => {
    await applyNow(file());
    const changed = { meters: [{ ...apiRequests, aggregation: "MAX" }], plans: [growth("59")] };
    await expect(catalogs.difference(changed)).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      extensions: { field: "catalog", faults: [{ path: "meters[0].aggregation", message: expect.any(String) }] },
    });
    expect(await versions()).toEqual([["growth", 1, "49"]]);
  });
});

describe("the digest", () => {
  test("another file than the one that was shown is a conflict", async () => {
    const { digest } = await catalogs.difference(file());
    await expect(catalogs.apply(staff, file("50"), digest)).rejects.toEqual(code("CONFLICT"));
    expect(await versions()).toEqual([]);
  });

  test("a database that changed since is a conflict", async () => {
    const { digest } = await catalogs.difference(file());
    await applyNow({ meters: [apiRequests] });
    await expect(catalogs.apply(staff, file(), digest)).rejects.toEqual(code("CONFLICT"));
    await expect(catalogs.apply(staff, file(), "")).rejects.toEqual(code("CONFLICT"));
    expect(await versions()).toEqual([]);
  });

  test("is the same for the same content in another order of fields", async () => {
    const turned = JSON.parse(JSON.stringify(file()), (_, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toReversed())
        : value,
    ) as object;
    expect((await catalogs.difference(turned)).digest).toBe((await catalogs.difference(file())).digest);
  });

  test("of ten who apply at once, one does, and the rest are told to look again", async () => {
    await applyNow(file());
    const { digest } = await catalogs.difference(file("99"));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => catalogs.apply(staff, file("99"), digest)),
    );
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    const refused = outcomes
      .filter((outcome) => outcome.status === "rejected")
      .map((outcome) => outcome.reason as unknown);
    expect(refused).toEqual(Array.from({ length: 9 }, () => code("CONFLICT")));
    expect(await versions()).toEqual([
      ["growth", 1, "49"],
      ["growth", 2, "99"],
    ]);
  });
});
