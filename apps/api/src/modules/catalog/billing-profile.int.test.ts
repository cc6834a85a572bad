import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Viewer } from "../../platform/auth/index.ts";
import type { Sql } from "../../platform/database/index.ts";
import { newCustomer, startTestSystem, type TestSystem } from "../../testing/test-system.ts";
import { BillingProfiles } from "./billing-profile.ts";
import { Meters } from "./meters.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
let system: TestSystem;
let queries = 0;
let sql: Sql;

beforeAll(async () => {
  system = await startTestSystem();
  const { database } = system.container;
  sql = {
    query: (...statement) => {
      queries += 1;
      return database.query(...statement);
    },
  };
});
afterAll(() => system.close());

const byId = (customerId: string) => ({ customerId, externalCustomerId: null });
const byExternalId = (externalCustomerId: string) => ({ customerId: null, externalCustomerId });

async function queriesOf(work: () => Promise<unknown>): Promise<number> {
  const before = queries;
  await work();
  return queries - before;
}

describe("billing profiles", () => {
  test("one query answers every reference in its order, by either id; what does not exist is null", async () => {
    const profiles = new BillingProfiles(sql);
    const first = await newCustomer(system);
    const second = await newCustomer(system, { timeZone: "Asia/Tokyo", currency: "JPY" });
    const [known] = await new BillingProfiles(sql).find([byId(second)]);
    const externalId = known?.externalId ?? "";
    let found: Awaited<ReturnType<BillingProfiles["find"]>> = [];
    const refs = [
      byExternalId(externalId),
      byId("no uuid"),
      byId(first),
      byExternalId("a\0b"),
      byId(second),
      byId(first),
    ];
    expect(await queriesOf(async () => (found = await profiles.find(refs)))).toBe(1);
    expect(found.map((profile) => profile?.customerId ?? null)).toEqual([second, null, first, null, second, first]);
    expect(found[0]).toMatchObject({ currency: "JPY", timeZone: "Asia/Tokyo", billingVersion: 1, subscriptions: [] });
  });

  test("one that changed while it was read is not kept", async () => {
    const profiles = new BillingProfiles(sql);
    const id = await newCustomer(system);
    const reading = profiles.find([byId(id)]);
    profiles.changed(id);
    await reading;
    expect(await queriesOf(() => profiles.find([byId(id)]))).toBe(1);
    expect(await queriesOf(() => profiles.find([byId(id)]))).toBe(0);
  });

  test("known ones need no query until they are forgotten, and an unknown one is looked for again", async () => {
    const profiles = new BillingProfiles(sql);
    const id = await newCustomer(system);
    const [loaded] = await profiles.find([byId(id)]);
    const again = () => profiles.find([byId(id), byExternalId(loaded?.externalId ?? "")]);
    expect(await queriesOf(again)).toBe(0);
    profiles.forget(id);
    expect(await queriesOf(again)).toBe(1);
    expect(await queriesOf(() => profiles.find([byExternalId("nobody")]))).toBe(1);
    expect(await queriesOf(() => profiles.find([byExternalId("nobody")]))).toBe(1);
  });

  test("a change of settings is seen at once where it was made", async () => {
    const { customers, profiles } = system.container;
    const id = await newCustomer(system, { timeZone: "Europe/Berlin" });
    expect((await profiles.find([byId(id)]))[0]?.timeZone).toBe("Europe/Berlin");
    await customers.update(staff, id, { timeZone: "Asia/Kolkata" });
    expect((await profiles.find([byId(id)]))[0]?.timeZone).toBe("Asia/Kolkata");
  });
});

describe("meters", () => {
  test("are found by key in one query, and then in none; an unknown key and a NUL are just not there", async () => {
    const meters = new Meters(sql);
    const find = () => meters.find(["calls", "calls", "nothing_of_the_kind", "a\0b"]);
    expect(await queriesOf(async () => expect([...(await find()).keys()]).toEqual(["calls"]))).toBe(1);
    expect(await queriesOf(() => meters.find(["calls"]))).toBe(0);
    meters.forget();
    expect(await queriesOf(() => meters.find(["calls"]))).toBe(1);
  });

  test("by id they are the same as by key", async () => {
    const meters = new Meters(sql);
    const calls = (await meters.find(["calls"])).get("calls");
    expect(await meters.withId(calls?.id ?? "")).toEqual(calls);
    expect(await meters.withId("0b0d7e0a-0000-4000-8000-00000000dead")).toBeNull();
  });
});
