import { randomUUID } from "node:crypto";
import type { PlanTerm } from "@meterline/billing-domain";
import { waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AuditLog } from "../../platform/audit/index.ts";
import type { Viewer } from "../../platform/auth/index.ts";
import { FrozenClock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { openTestDatabase } from "../../platform/database/database.testing.ts";
import { CustomerEntity, CustomerService, usageLockStripe } from "../customers/index.ts";
import { BillingChanges } from "./billing-changes.ts";
import { BillingProfiles } from "./billing-profile.ts";
import { CatalogService } from "./catalog.service.ts";
import { Meters } from "./meters.ts";
import { mapPlanSubscription } from "./plan.types.ts";
import { SubscriptionService } from "./subscription.service.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const now = Date.parse("2026-11-23T09:00:00.500Z");
const at = (text: string) => Date.parse(text);
const clock = new FrozenClock(now);
let database: Database;
let close: () => Promise<void>;
let profiles: BillingProfiles;
let changes: BillingChanges;
let catalogs: CatalogService;
let customers: CustomerService;
let subscriptions: SubscriptionService;
let customerId: string;
let told: { customerId: string; terms: readonly PlanTerm[] }[];

const plan = (key: string, currency: string, baseAmount = "49") => ({
  key,
  name: key,
  currency,
  baseAmount,
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [],
});

beforeAll(async () => {
  ({ database, close } = await openTestDatabase([CustomerEntity]));
  const audit = new AuditLog(clock);
  profiles = new BillingProfiles(database);
  changes = new BillingChanges({ database, profiles });
  changes.addListener(async (_, id, terms) => {
    told.push({ customerId: id, terms });
  });
  catalogs = new CatalogService({ database, clock, audit, meters: new Meters(database) });
  customers = new CustomerService({ database, clock, audit, profiles });
  subscriptions = new SubscriptionService({ database, clock, audit, changes });
  await applyPlans(plan("starter", "USD", "0"), plan("growth", "USD"), plan("growth-eur", "EUR"));
});
afterAll(() => close());
beforeEach(async () => {
  told = [];
  customerId = (await customers.create(staff, { externalId: randomUUID() })).id;
});

async function applyPlans(...plans: object[]): Promise<void> {
  const { digest } = await catalogs.difference({ plans });
  await catalogs.apply(staff, { plans }, digest);
}

const on = (planKey: string, startsAt: string | null = null, anchorAt: string | null = null) =>
  subscriptions.create(
    staff,
    { customerId, externalCustomerId: null },
    { planKey, startsAt: startsAt === null ? null : at(startsAt), anchorAt: anchorAt === null ? null : at(anchorAt) },
  );

async function stored(): Promise<{ version: number; count: number; audited: number }> {
  const [row] = await database.query<{ version: number; count: number; audited: number }>(
    `SELECT billing_version AS version,
       (SELECT count(*)::integer FROM plan_subscription WHERE customer_id = $1) AS count,
       (SELECT count(*)::integer FROM audit_entry WHERE subject = $2 AND action LIKE 'subscription.%') AS audited
     FROM customer WHERE id = $1`,
    [customerId, `customer:${customerId}`],
  );
  if (row === undefined) throw new Error("no customer");
  return row;
}

async function isWaitedFor(stripe: number): Promise<boolean> {
  const waiting = await database.query(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 7001 AND objid = $1 AND NOT granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [stripe],
  );
  return waiting.length > 0;
}

const refusal = (code: string, field: string) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code, field }) });

describe("putting a customer on a plan", () => {
  test("starts now in whole minutes, raises the billing version, and tells the listeners the new terms", async () => {
    const made = await on("growth");
    expect(made).toMatchObject({
      startsAt: at("2026-11-23T09:00:00Z"),
      anchorAt: at("2026-11-23T09:00:00Z"),
      endsAt: null,
      planVersion: 1,
    });
    expect(await stored()).toEqual({ version: 2, count: 1, audited: 1 });
    expect(told).toMatchObject([
      {
        customerId,
        terms: [{ startsAt: made.startsAt, endsAt: null, cycle: { interval: "MONTH", intervalCount: 1 } }],
      },
    ]);
  });

  test("the same again answers the same, at any concurrency, and raises nothing", async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => on("growth", "2026-01-31T12:00:00Z")));
    expect(new Set(made.map((one) => one.id)).size).toBe(1);
    expect(await on("growth")).toEqual(made[0]);
    expect(await stored()).toEqual({ version: 2, count: 1, audited: 1 });
    expect(told).toHaveLength(1);
  });

  test("of different plans that start at once, one wins", async () => {
    const outcomes = await Promise.allSettled([on("growth"), on("starter"), on("growth"), on("starter")]);
    const won = outcomes.filter((outcome) => outcome.status === "fulfilled").map((outcome) => outcome.value.id);
    expect([won.length, new Set(won).size]).toEqual([2, 1]);
    expect(await stored()).toEqual({ version: 2, count: 1, audited: 1 });
  });

  test("one ends at the instant at which the next begins", async () => {
    const first = await on("starter", "2026-01-01T00:00:00Z");
    await expect(on("growth", "2026-02-01T00:00:00Z")).rejects.toEqual(refusal("CONFLICT", "startsAt"));
    await subscriptions.end(staff, first.id, at("2026-02-01T00:00:00Z"));
    const second = await on("growth", "2026-02-01T00:00:00Z");
    const [profile] = await profiles.find([{ customerId, externalCustomerId: null }]);
    expect(profile?.subscriptions.map((one) => [one.id, one.endsAt])).toEqual([
      [first.id, second.startsAt],
      [second.id, null],
    ]);
    expect(profile?.billingVersion).toBe(4);
  });

  test("it stays on the version that it was made with", async () => {
    await applyPlans(plan("yearly", "USD", "100"));
    const made = await on("yearly");
    await applyPlans(plan("yearly", "USD", "120"));
    const again = await on("yearly");
    expect([again.id, again.planVersion]).toEqual([made.id, 1]);
    expect(mapPlanSubscription(again).plan).toMatchObject({
      version: 1,
      baseFee: { amountMinor: "10000", currency: "USD" },
    });
  });

  test("a plan in another currency is refused and changes nothing", async () => {
    await expect(on("growth-eur")).rejects.toEqual(refusal("BAD_USER_INPUT", "planKey"));
    expect(await stored()).toEqual({ version: 1, count: 0, audited: 0 });
  });

  test.each([
    ["an unknown plan", () => on("nothing"), "NOT_FOUND", "planKey"],
    ["a start before 2000", () => on("growth", "1999-12-31T23:59:59Z"), "BAD_USER_INPUT", "startsAt"],
    ["an anchor ten years ahead", () => on("growth", null, "2036-11-23T00:00:00Z"), "BAD_USER_INPUT", "anchorAt"],
  ])("%s is refused by name", async (_, run, code, field) => {
    await expect(run()).rejects.toEqual(refusal(code, field));
  });

  test("the customer is named by exactly one id, which exists", async () => {
    const create = (ref: { customerId: string | null; externalCustomerId: string | null }) =>
      subscriptions.create(staff, ref, { planKey: "growth", startsAt: null, anchorAt: null });
    await expect(create({ customerId: null, externalCustomerId: null })).rejects.toEqual(
      refusal("BAD_USER_INPUT", "customerId"),
    );
    await expect(create({ customerId: "x", externalCustomerId: null })).rejects.toEqual(
      refusal("NOT_FOUND", "customerId"),
    );
    await expect(create({ customerId: null, externalCustomerId: "\0" })).rejects.toEqual(
      refusal("NOT_FOUND", "externalCustomerId"),
    );
  });
});

describe("ending a subscription", () => {
  test("the same end again changes nothing", async () => {
    const { id } = await on("growth", "2026-01-01T00:00:00Z");
    const ended = await subscriptions.end(staff, id, at("2026-03-01T00:00:00Z"));
    expect(await subscriptions.end(staff, id, at("2026-03-01T00:00:00.999Z"))).toEqual(ended);
    expect(await stored()).toEqual({ version: 3, count: 1, audited: 2 });
    expect(told.at(-1)?.terms).toMatchObject([{ endsAt: at("2026-03-01T00:00:00Z") }]);
  });

  test("before its start, and of nothing, is refused", async () => {
    const { id } = await on("growth", "2026-01-01T00:00:00Z");
    await expect(subscriptions.end(staff, id, at("2026-01-01T00:00:00Z"))).rejects.toEqual(
      refusal("CONFLICT", "endsAt"),
    );
    for (const unknown of [randomUUID(), "x"])
      await expect(subscriptions.end(staff, unknown, now)).rejects.toEqual(refusal("NOT_FOUND", "subscriptionId"));
  });
});

describe("a billing change", () => {
  test("waits for usage that is being recorded, and is whole or not at all", async () => {
    await on("growth");
    const stripe = usageLockStripe(customerId);
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const recording = database.transaction(async (transaction) => {
      await transaction.query("SELECT pg_advisory_xact_lock_shared(7001, $1)", [stripe]);
      locked.resolve();
      await gate.promise;
      order.push("recorded");
    });
    await locked.promise;
    const failing = changes
      .withBillingChange(customerId, async (transaction) => {
        order.push("change");
        await transaction.query("DELETE FROM plan_subscription WHERE customer_id = $1", [customerId]);
        throw new Error("stop");
      })
      .catch((error: Error) => error.message);
    await waitUntil(() => isWaitedFor(stripe), 10_000, "the change to wait for the lock");
    gate.resolve();
    await recording;
    expect(await failing).toBe("stop");
    expect(order).toEqual(["recorded", "change"]);
    expect(await stored()).toMatchObject({ version: 2, count: 1 });
  });

  test("a listener that fails undoes the change", async () => {
    const strict = new BillingChanges({ database, profiles });
    strict.addListener(() => Promise.reject(new Error("no room")));
    const service = new SubscriptionService({ database, clock, audit: new AuditLog(clock), changes: strict });
    const wanted = { planKey: "growth", startsAt: null, anchorAt: null };
    await expect(service.create(staff, { customerId, externalCustomerId: null }, wanted)).rejects.toThrow("no room");
    expect(await stored()).toEqual({ version: 1, count: 0, audited: 0 });
  });

  test("the cached profile is forgotten after the commit", async () => {
    const ref = { customerId, externalCustomerId: null };
    const [before] = await profiles.find([ref]);
    await on("growth");
    const [after] = await profiles.find([ref]);
    expect([before?.billingVersion, before?.subscriptions.length]).toEqual([1, 0]);
    expect([after?.billingVersion, after?.subscriptions.length]).toEqual([2, 1]);
  });

  test("a member sees its own subscriptions through row-level security, and no others", async () => {
    await on("growth");
    const own = customerId;
    const other = (await customers.create(staff, { externalId: randomUUID() })).id;
    const seen = await database.asMember(own, (sql) =>
      sql.query<{ customer_id: string }>("SELECT customer_id FROM plan_subscription"),
    );
    expect(seen).toEqual([{ customer_id: own }]);
    expect(await database.asMember(other, (sql) => sql.query("SELECT id FROM plan_subscription"))).toEqual([]);
  });
});
