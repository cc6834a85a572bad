import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  newCustomer,
  outcomeWord,
  record,
  startTestSystem,
  type TestSystem,
  usageItem,
} from "../../testing/test-system.ts";
import { forgetOldCounters } from "../limits/index.ts";
import type { IngestItem, IngestOutcome } from "./index.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

const customer = async (...limits: object[]): Promise<string> => {
  const id = await newCustomer(system, { planKey: "standard", timeZone: "Asia/Tokyo" });
  for (const limit of limits) await system.container.limiting.limits.set(null, id, limit);
  return id;
};
const words = (outcomes: readonly IngestOutcome[]) => outcomes.map(outcomeWord);
const send = async (customerId: string, ...items: Partial<IngestItem>[]) =>
  words(await record(system.container, ...items.map((item) => usageItem({ meterKey: "units", customerId, ...item }))));
const R = "RECORDED";
const L = "LIMIT_REACHED";
const hard = { policy: "HARD", meterKey: "units", quantity: "10" };

describe("a hard limit in units", () => {
  test("is reached exactly; the order within a batch decides, and what fits after a refusal is recorded", async () => {
    const id = await customer(hard);
    expect(
      await send(id, { quantity: "6" }, { quantity: "5" }, { quantity: "3" }, { quantity: "2" }, { quantity: "1" }),
    ).toEqual([R, L, R, L, R]);
    expect(await send(id, { quantity: "0.000000000001" })).toEqual([L]);
  });

  test("of 0 refuses everything but nothing", async () => {
    const id = await customer({ ...hard, quantity: "0" });
    expect(await send(id, { quantity: "1" }, { quantity: "0" })).toEqual([L, R]);
  });

  test("set below what is used refuses more, and what gives back is taken", async () => {
    const id = await customer();
    await send(id, { quantity: "50" });
    await system.container.limiting.limits.set(null, id, hard);
    expect(await send(id, { quantity: "1" }, { quantity: "-45" }, { quantity: "6" }, { quantity: "5" })).toEqual([
      L,
      R,
      L,
      R,
    ]);
  });

  test("says what is left, when it resets and how to get more, and where the customer stands", async () => {
    const id = await customer({ ...hard, upgrade: "Write to us." });
    await send(id, { quantity: "9" });
    const [outcome] = await record(system.container, usageItem({ meterKey: "units", customerId: id, quantity: "2" }));
    if (outcome?.outcome !== "REJECTED") throw new Error("was not refused");
    expect(outcome.rejection.message).toBe(
      "The customer's hard limit of 10 units in each billing period does not allow it: 9 used, 1 left, and 2 more would go past it. It resets at 2026-04-01T00:00:00.000Z. Write to us.",
    );
    expect(outcome.limit?.()).toMatchObject({
      policy: "HARD",
      state: "BLOCKED",
      used: "9",
      remaining: "1",
      limit: "10",
    });
  });

  test("a repeat of what was recorded stays a DUPLICATE, and a conflict a conflict, also when it is reached", async () => {
    const id = await customer(hard);
    const first = { quantity: "10", idempotencyKey: "the last ten" };
    expect(await send(id, first)).toEqual([R]);
    expect(await send(id, first, { ...first, quantity: "3" }, { quantity: "1" })).toEqual([
      "DUPLICATE",
      "IDEMPOTENCY_CONFLICT",
      L,
    ]);
  });

  test("one key twice in a batch takes its units once; refused, it is decided again", async () => {
    const id = await customer(hard);
    const same = { quantity: "6", idempotencyKey: "twice" };
    expect(await send(id, same, same, { quantity: "4" })).toEqual([R, "DUPLICATE", R]);
    const other = { quantity: "3", idempotencyKey: "again" };
    expect(await send(id, other, { quantity: "-5" }, other, other)).toEqual([L, R, R, "DUPLICATE"]);
  });

  test("a void frees units; taking a negative quantity back takes them, and is refused past the limit", async () => {
    const id = await customer(hard);
    const [taken, given] = await record(
      system.container,
      usageItem({ meterKey: "units", customerId: id, quantity: "10" }),
      usageItem({ meterKey: "units", customerId: id, quantity: "-4" }),
    );
    if (taken?.outcome !== "RECORDED" || given?.outcome !== "RECORDED") throw new Error("not recorded");
    expect(await send(id, { quantity: "3" })).toEqual([R]);
    const voidOf = (eventId: string) =>
      system.container.voids.voidEvent({
        customerId: id,
        eventId,
        reason: "a test",
        idempotencyKey: `void ${eventId}`,
      });
    expect(outcomeWord(await voidOf(given.event.id))).toBe(L);
    expect(outcomeWord(await voidOf(taken.event.id))).toBe(R);
    expect(outcomeWord(await voidOf(given.event.id))).toBe(R);
    expect(await send(id, { quantity: "7.1" }, { quantity: "7" })).toEqual([L, R]);
  });

  test("does not touch other customers, meters, or what filters leave out", async () => {
    const id = await customer({ policy: "HARD", meterKey: "paid", quantity: "0" }, hard);
    const out = { meterKey: "paid", quantity: "1", properties: { amount: "5", status: "failed" } };
    expect(await send(id, { quantity: "10" }, { meterKey: "events" }, out)).toEqual([R, R, R]);
    expect(await send(id, { ...out, properties: { amount: "5", status: "settled" } })).toEqual([L]);
    expect(await send(await customer(), { quantity: "99" })).toEqual([R]);
  });
});

describe("windows", () => {
  const at = (occurredAt: string, quantity = "10") => ({ occurredAt, quantity });
  test("a day is the customer's: in Tokyo it begins at 15:00 UTC", async () => {
    const id = await customer({ ...hard, period: "DAY" });
    expect(
      await send(id, at("2026-03-10T14:59:59.999Z"), at("2026-03-10T15:00:00Z"), at("2026-03-11T14:59:59Z", "1")),
    ).toEqual([R, R, L]);
  });
  test("an hour is full in UTC", async () => {
    const id = await customer({ ...hard, period: "HOUR" });
    expect(
      await send(id, at("2026-03-10T10:59:59.999Z"), at("2026-03-10T11:00:00Z"), at("2026-03-10T10:00:00Z", "1")),
    ).toEqual([R, R, L]);
  });
  test("a billing period is that in which it occurred, so late usage takes of its own", async () => {
    const id = await customer(hard);
    expect(
      await send(id, at("2026-03-05T00:00:00Z"), at("2026-02-20T00:00:00Z"), at("2026-02-21T00:00:00Z", "1")),
    ).toEqual([R, R, L]);
  });
  test("a lifetime counts what was there before the limit", async () => {
    const id = await customer();
    await send(id, at("2026-02-20T00:00:00Z", "4"), at("2026-03-05T00:00:00Z", "3"));
    await system.container.limiting.limits.set(null, id, { ...hard, period: "LIFETIME" });
    expect(await send(id, { quantity: "4" }, { quantity: "3" }, { quantity: "1" })).toEqual([L, R, L]);
  });
  test("one property value is limited apart from the others, also past the bound on combinations", async () => {
    const id = await customer({
      policy: "HARD",
      meterKey: "calls",
      quantity: "2",
      property: { name: "user", value: "7" },
    });
    const call = (user: unknown) => ({
      meterKey: "calls",
      properties: { user, model: "m" } as Record<string, unknown>,
    });
    expect(await send(id, call("7"), call("8"), call(7), call("7"), { meterKey: "calls" })).toEqual([R, R, R, L, R]);
  });
});

describe("aggregations", () => {
  test("COUNT counts events, MAX holds values, LATEST holds levels that may fall", async () => {
    const id = await customer(
      { policy: "HARD", meterKey: "events", quantity: "2" },
      { policy: "HARD", meterKey: "peak", quantity: "50" },
      { policy: "HARD", meterKey: "latest", quantity: "5" },
    );
    const events = { meterKey: "events", quantity: "9" };
    expect(await send(id, events, events, events)).toEqual([R, R, L]);
    const peak = (quantity: string) => ({ meterKey: "peak", quantity });
    expect(await send(id, peak("50"), peak("50"), peak("51"))).toEqual([R, R, L]);
    const latest = (quantity: string, occurredAt: string) => ({ meterKey: "latest", quantity, occurredAt });
    expect(await send(id, latest("5", "2026-03-10T01:00:00Z"), latest("6", "2026-03-10T00:00:00Z"))).toEqual([R, L]);
  });
  test("UNIQUE_COUNT: a value that was seen fits, a new one past the limit does not", async () => {
    const id = await customer({ policy: "HARD", meterKey: "users", quantity: "2" });
    const user = (name: string) => ({ meterKey: "users", properties: { user: name } });
    expect(await send(id, user("ann"), user("bob"), user("ann"), user("cid"))).toEqual([R, R, R, L]);
    expect(await send(id, user("bob"), user("cid"))).toEqual([R, L]);
  });
});

describe("money", () => {
  // 5.00 a week and 0.10 a call; nothing else has a price.
  const weekly = async (limit: object) => {
    const id = await newCustomer(system, { planKey: "weekly" });
    await system.container.limiting.limits.set(null, id, limit);
    return id;
  };
  const calls = (quantity: string) => ({ meterKey: "calls", quantity, properties: { model: "m", region: "eu" } });
  test("of the whole bill is reached exactly and not passed by a cent: 50 calls are 5.00, and half a cent rounds up", async () => {
    const id = await weekly({ policy: "HARD", amount: "10.00" });
    expect(await send(id, calls("49"), calls("1.05"), calls("1"), calls("0.05"), calls("0.04"))).toEqual([
      R,
      L,
      R,
      L,
      R,
    ]);
  });
  test("a meter without a price is free, and a base fee past the limit leaves nothing", async () => {
    const id = await weekly({ policy: "HARD", amount: "4.99" });
    expect(await send(id, { quantity: "1000" }, calls("1"), calls("0"))).toEqual([R, L, R]);
  });
  test("a plan that could not hold it is refused to a customer with a hard limit on money", async () => {
    const id = await weekly({ policy: "HARD", amount: "10.00" });
    const ref = { customerId: id, externalCustomerId: null };
    const [profile] = await system.container.profiles.find([ref]);
    const endsAt = system.clock.now() + 86_400_000;
    await system.container.subscriptions.end(null, profile?.subscriptions[0]?.id ?? "", endsAt);
    const wanted = { planKey: "standard", startsAt: endsAt, anchorAt: endsAt };
    await expect(system.container.subscriptions.create(null, ref, wanted)).rejects.toThrow(
      /cannot be held on the plan "standard".*"seats" grows with time/,
    );
  });
  test("a plan with levels cannot be limited hard by its whole bill, but by one of its lines", async () => {
    const id = await customer();
    const set = (limit: object) => system.container.limiting.limits.set(null, id, limit);
    await expect(set({ policy: "HARD", amount: "25.00" })).rejects.toThrow(/grows with time/);
    await set({ policy: "HARD", meterKey: "calls", amount: "1.00" });
    expect(await send(id, { meterKey: "calls", quantity: "200" }, { meterKey: "calls", quantity: "1" })).toEqual([
      R,
      L,
    ]);
  });
});

describe("limits of a plan", () => {
  test("hold for who is on it, beside the customer's own; the strictest is named", async () => {
    const plan = {
      key: "capped",
      name: "Capped",
      currency: "USD",
      baseAmount: "0",
      interval: "MONTH",
      intervalCount: 1,
    };
    const limits = [hard, { policy: "HARD", meterKey: "units", quantity: "6", period: "DAY", upgrade: "Wait a day." }];
    const catalog = { plans: [{ ...plan, rateCards: [], limits }] };
    const { digest } = await system.container.catalog.difference(catalog);
    await system.container.catalog.apply(null, catalog, digest);
    const id = await newCustomer(system, { planKey: "capped" });
    expect(await send(id, { quantity: "6" })).toEqual([R]);
    const [outcome] = await record(system.container, usageItem({ meterKey: "units", customerId: id }));
    if (outcome?.outcome !== "REJECTED") throw new Error("was not refused");
    expect(outcome.rejection.message).toMatch(
      /^The plan's hard limit of 6 units a day .* It resets at 2026-03-11T00:00:00.000Z\. Wait a day\.$/,
    );
    expect(
      await send(
        id,
        { quantity: "4", occurredAt: "2026-03-11T00:00:00Z" },
        { quantity: "1", occurredAt: "2026-03-12T00:00:00Z" },
      ),
    ).toEqual([R, L]);
    await system.container.limiting.limits.set(null, id, { ...hard, quantity: "3" });
    expect(await send(id, { quantity: "-8" }, { quantity: "2", occurredAt: "2026-03-12T00:00:00Z" })).toEqual([R, L]);
  });
});

describe("other policies", () => {
  test("SOFT and NOTIFY record past the limit and say so", async () => {
    const id = await customer({ ...hard, policy: "SOFT" }, { ...hard, policy: "NOTIFY", period: "LIFETIME" });
    expect(await send(id, { quantity: "10" }, { quantity: "5" })).toEqual([R, R]);
    const [outcome] = await record(system.container, usageItem({ meterKey: "units", customerId: id }));
    if (outcome?.outcome !== "RECORDED") throw new Error("not recorded");
    expect(outcome.limit?.()).toMatchObject({ policy: "SOFT", state: "REACHED", used: "16", remaining: "0" });
  });
  test("an override that ended no longer holds, in a process that knew it too", async () => {
    const id = await customer(hard);
    const endsAt = system.clock.now() + 60_000;
    await system.container.limiting.limits.override(null, id, {
      definition: { ...hard, quantity: "100" },
      reason: "a launch",
      endsAt,
    });
    expect(await send(id, { quantity: "50" })).toEqual([R]);
    system.clock.advance(60_000);
    expect(await send(id, { quantity: "1" })).toEqual([L]);
  });
});

test("another time zone moves the days, in a process that has the customer cached with the old one too", async () => {
  const other = await system.another();
  const property = { name: "model", value: "big" };
  const id = await customer({ policy: "HARD", meterKey: "calls", quantity: "10", period: "DAY", property });
  const call = (quantity: string, occurredAt: string) =>
    usageItem({ customerId: id, meterKey: "calls", quantity, occurredAt, properties: { model: "big" } });
  // Before and after midnight in Tokyo; one day in UTC.
  const [evening, night] = ["2026-03-10T14:00:00Z", "2026-03-10T16:00:00Z"];
  expect(words(await record(other, call("7", evening), call("7", night)))).toEqual([R, R]);
  const staff = { kind: "STAFF", userId: "s", name: "S", email: "s@example.com" } as const;
  await system.container.customers.update(staff, id, { timeZone: "UTC" });
  expect(words(await record(other, call("1", evening), call("1", night)))).toEqual([L, L]);
  expect(words(await record(other, call("10", "2026-03-11T02:00:00Z")))).toEqual([R]);
  const counters = await system.container.database.query<{ used: string }>(
    "SELECT trim_scale(used)::text AS used FROM limit_counter WHERE customer_id = $1 ORDER BY window_start",
    [id],
  );
  expect(counters).toEqual([{ used: "10" }]);
});

test("counters of days long past are let go of, and counted again when something comes late", async () => {
  const property = { name: "model", value: "big" };
  const limits = [{ policy: "HARD", meterKey: "calls", quantity: "10", period: "DAY", property }];
  const id = await customer(...limits);
  const call = (quantity: string) => ({ meterKey: "calls", quantity, properties: { model: "big" } });
  expect(await send(id, call("8"))).toEqual([R]);
  await forgetOldCounters(system.container.database, Date.parse("2026-03-10T15:00:00Z") + 40 * 86_400_000 + 1);
  expect(await system.container.database.query("SELECT FROM limit_counter WHERE customer_id = $1", [id])).toEqual([]);
  expect(await send(id, call("3"), call("2"))).toEqual([L, R]);
});

test("a limit set in one process holds at once in another that has the customer cached without it", async () => {
  const other = await system.another();
  const id = await customer();
  expect(words(await record(other, usageItem({ meterKey: "units", customerId: id, quantity: "8" })))).toEqual([R]);
  await system.container.limiting.limits.set(null, id, hard);
  expect(words(await record(other, usageItem({ meterKey: "units", customerId: id, quantity: "3" })))).toEqual([L]);
});
