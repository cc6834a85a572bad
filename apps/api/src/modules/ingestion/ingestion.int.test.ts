import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  newCustomer,
  outcomeWord,
  record,
  startTestSystem,
  type TestSystem,
  usageItem,
} from "../../testing/test-system.ts";

let system: TestSystem;
let customerId: string;

beforeAll(async () => {
  system = await startTestSystem();
  customerId = await newCustomer(system, { planKey: "standard" });
});
afterAll(() => system.close());

const one = async (overrides: Parameters<typeof usageItem>[0]) => {
  const [outcome] = await record(system.container, usageItem({ customerId, ...overrides }));
  return outcome;
};

const countOf = async (idempotencyKey: string) => {
  const rows = await system.container.database.query("SELECT FROM usage_event WHERE idempotency_key = $1", [
    idempotencyKey,
  ]);
  return rows.length;
};

describe("recording usage", () => {
  it("new usage is RECORDED, with where the customer now stands", async () => {
    const fresh = await newCustomer(system, { planKey: "standard" });
    await record(system.container, usageItem({ customerId: fresh, quantity: "2.5" }));
    const [outcome] = await record(system.container, usageItem({ customerId: fresh, quantity: "4" }));
    expect(outcome).toMatchObject({ outcome: "RECORDED", standing: { quantitySum: "6.5", eventCount: "2" } });
  });

  it("the same key and content again is a DUPLICATE of the first event", async () => {
    const [first, again] = [await one({ idempotencyKey: "same" }), await one({ idempotencyKey: "same" })];
    expect([outcomeWord(first), outcomeWord(again)]).toEqual(["RECORDED", "DUPLICATE"]);
    expect(again).toMatchObject({ event: { id: first?.outcome === "RECORDED" && first.event.id } });
    expect(await countOf("same")).toBe(1);
  });

  it("content is the same however it is written: 1.0 is 1, an offset is an instant, properties have no order", async () => {
    await one({
      idempotencyKey: "written",
      quantity: "1",
      occurredAt: "2026-03-10T12:00:00Z",
      properties: { model: "a", region: "b" },
    });
    const again = {
      quantity: "1.00",
      occurredAt: "2026-03-10T13:00:00.000+01:00",
      properties: { region: "b", model: "a" },
    };
    expect(outcomeWord(await one({ idempotencyKey: "written", ...again }))).toBe("DUPLICATE");
  });

  it("without a time, a retry at a later time is still a DUPLICATE", async () => {
    await one({ idempotencyKey: "timeless", occurredAt: null });
    system.clock.advance(1_000);
    expect(outcomeWord(await one({ idempotencyKey: "timeless", occurredAt: null }))).toBe("DUPLICATE");
  });

  it("the same key with other content is refused, and both versions are kept", async () => {
    await one({ idempotencyKey: "conflict", quantity: "1" });
    for (const _ of [1, 2])
      expect(outcomeWord(await one({ idempotencyKey: "conflict", quantity: "2" }))).toBe("IDEMPOTENCY_CONFLICT");
    const kept = await system.container.database.query(
      "SELECT offered FROM usage_conflict WHERE idempotency_key = 'conflict'",
    );
    expect(kept).toEqual([
      { offered: { meterKey: "calls", quantity: "2", occurredAt: "2026-03-10T12:00:00.000Z", properties: {} } },
    ]);
  });

  it("one key of two customers is two events", async () => {
    const other = await newCustomer(system);
    const outcomes = await record(
      system.container,
      usageItem({ customerId, idempotencyKey: "shared" }),
      usageItem({ customerId: other, idempotencyKey: "shared" }),
    );
    expect(outcomes.map(outcomeWord)).toEqual(["RECORDED", "RECORDED"]);
  });

  it("within one batch the first of a key counts, a repeat is a DUPLICATE and other content a conflict", async () => {
    const outcomes = await record(
      system.container,
      usageItem({ customerId, idempotencyKey: "batch", quantity: "7" }),
      usageItem({ customerId, idempotencyKey: "batch", quantity: "7" }),
      usageItem({ customerId, idempotencyKey: "batch", quantity: "8" }),
    );
    expect(outcomes.map(outcomeWord)).toEqual(["RECORDED", "DUPLICATE", "IDEMPOTENCY_CONFLICT"]);
    expect(await countOf("batch")).toBe(1);
  });

  it("Unicode keys are keys, to the character", async () => {
    expect(outcomeWord(await one({ idempotencyKey: "ключ-鍵-🔑" }))).toBe("RECORDED");
    expect(outcomeWord(await one({ idempotencyKey: "ключ-鍵-🔑" }))).toBe("DUPLICATE");
    expect(outcomeWord(await one({ idempotencyKey: "ключ-鍵-🗝" }))).toBe("RECORDED");
  });
});

describe("refusing usage", () => {
  const key256 = "k".repeat(256);
  it.each([
    ["UNKNOWN_CUSTOMER", "customerId", { customerId: "01890000-0000-7000-8000-000000000000" }],
    ["UNKNOWN_CUSTOMER", "customerId", { customerId: "not-an-id" }],
    ["UNKNOWN_CUSTOMER", "externalCustomerId", { customerId: null, externalCustomerId: "nobody" }],
    ["UNKNOWN_CUSTOMER", "customerId", { externalCustomerId: "both" }],
    ["UNKNOWN_METER", "meterKey", { meterKey: "no_such_meter" }],
    ["INVALID_QUANTITY", "quantity", { quantity: "1e400" }],
    ["INVALID_QUANTITY", "quantity", { quantity: "NaN" }],
    ["INVALID_QUANTITY", "quantity", { quantity: "1".repeat(40) }],
    ["INVALID_QUANTITY", "quantity", { quantity: "-1" }],
    ["INVALID_QUANTITY", "quantity", { quantity: "" }],
    ["INVALID_PROPERTIES", "properties", { properties: { model: "x".repeat(5_120) } }],
    ["INVALID_PROPERTIES", "properties", { properties: { model: { nested: true } } }],
    ["INVALID_PROPERTIES", "properties.user", { meterKey: "users", properties: {} }],
    ["INVALID_PROPERTIES", "properties.amount", { meterKey: "paid", properties: { amount: "a lot" } }],
    ["INVALID_IDEMPOTENCY_KEY", "idempotencyKey", { idempotencyKey: key256 }],
    ["INVALID_IDEMPOTENCY_KEY", "idempotencyKey", { idempotencyKey: "" }],
    ["TIMESTAMP_TOO_OLD", "occurredAt", { occurredAt: "2016-03-16T10:00:00Z" }],
    ["TIMESTAMP_IN_FUTURE", "occurredAt", { occurredAt: "2036-03-16T10:00:00Z" }],
    ["INVALID_TIMESTAMP", "occurredAt", { occurredAt: "2026-02-30T00:00:00Z" }],
  ])("%s names the field %s", async (code, field, overrides) => {
    const outcome = await one(overrides);
    expect(outcome).toMatchObject({ outcome: "REJECTED", rejection: { code, field } });
  });

  it("NO_ACTIVE_SUBSCRIPTION where the meter demands one and none held when it occurred", async () => {
    const late = await newCustomer(system, { planKey: "standard", startsAt: "2026-03-12T00:00:00Z" });
    const before = usageItem({ customerId: late, meterKey: "bound", occurredAt: "2026-03-11T23:59:59.999Z" });
    const after = usageItem({ customerId: late, meterKey: "bound", occurredAt: "2026-03-12T00:00:00Z" });
    expect((await record(system.container, before, after)).map(outcomeWord)).toEqual([
      "NO_ACTIVE_SUBSCRIPTION",
      "RECORDED",
    ]);
  });

  it("usage of 35 days ago is taken, a millisecond older needs backfill", async () => {
    const edge = system.clock.now() - 35 * 86_400_000;
    const at = (ms: number) => usageItem({ customerId, occurredAt: new Date(ms).toISOString() });
    expect((await record(system.container, at(edge), at(edge - 1))).map(outcomeWord)).toEqual([
      "RECORDED",
      "TIMESTAMP_TOO_OLD",
    ]);
    const [backfilled] = await system.container.ingestion.record([at(edge - 1)], { mayBackfill: true });
    expect(outcomeWord(backfilled)).toBe("RECORDED");
  });

  it("a retry that came too late to be recorded is still known: once is for ever", async () => {
    const old = usageItem({ customerId, occurredAt: new Date(system.clock.now() - 40 * 86_400_000).toISOString() });
    const [first] = await system.container.ingestion.record([old], { mayBackfill: true });
    const outcomes = await record(
      system.container,
      old,
      usageItem({ customerId }),
      { ...old, quantity: "77" },
      { ...old, idempotencyKey: `${old.idempotencyKey} new` },
      { ...old, leaseToken: "of a lease that is over" },
    );
    expect(outcomes.map(outcomeWord)).toEqual([
      "DUPLICATE",
      "RECORDED",
      "IDEMPOTENCY_CONFLICT",
      "TIMESTAMP_TOO_OLD",
      "DUPLICATE",
    ]);
    const eventId = first?.outcome === "RECORDED" ? first.event.id : "none";
    expect(outcomes[0]).toMatchObject({ event: { id: eventId } });
    const kept = await system.container.database.query("SELECT offered FROM usage_conflict WHERE event_id = $1", [
      eventId,
    ]);
    expect(kept).toMatchObject([{ offered: { quantity: "77" } }]);
  });

  it("usage before the customer's go-live is marked historical", async () => {
    const [before] = await system.container.ingestion.record(
      [usageItem({ customerId, occurredAt: "2025-12-31T23:59:59Z" })],
      {
        mayBackfill: true,
      },
    );
    expect([before, await one({})]).toMatchObject([{ event: { historical: true } }, { event: { historical: false } }]);
  });

  it("a bad item never spoils the rest of its batch", async () => {
    const outcomes = await record(
      system.container,
      usageItem({ customerId, quantity: "NaN" }),
      usageItem({ customerId }),
      usageItem({ customerId, meterKey: "nothing" }),
      usageItem({ customerId }),
    );
    expect(outcomes.map(outcomeWord)).toEqual(["INVALID_QUANTITY", "RECORDED", "UNKNOWN_METER", "RECORDED"]);
  });

  it("a group-by value too long for an index is refused by name, and spoils nothing", async () => {
    // Random text, because PostgreSQL compresses what repeats until it fits.
    const long = randomBytes(1_900).toString("base64");
    const [refused, kept] = await record(
      system.container,
      usageItem({ customerId, properties: { model: long } }),
      usageItem({ customerId }),
    );
    expect(refused).toMatchObject({ rejection: { code: "INVALID_PROPERTIES", field: "properties.model" } });
    expect(outcomeWord(kept)).toBe("RECORDED");
  });

  it("of more than 1,000 combinations the first keep rows of their own, in every process", async () => {
    const fresh = await newCustomer(system);
    const of = (model: number) => usageItem({ customerId: fresh, properties: { model } });
    await record(system.container, ...Array.from({ length: 999 }, (_, model) => of(model)));
    const other = await system.another();
    await Promise.all([record(system.container, of(999), of(0)), record(other, of(1_000), of(998))]);
    await Promise.all([record(system.container, of(1_001)), record(other, of(1_001))]);
    const [kept] = await system.container.database.query(
      `SELECT count(DISTINCT dimension_key)::int AS combinations,
         count(*) FILTER (WHERE dimension_key = '(other)')::int AS other
       FROM usage_event WHERE customer_id = $1`,
      [fresh],
    );
    expect(kept).toEqual({ combinations: 1_001, other: 3 });
  });

  it("a subscription made by another process counts at once, whatever is cached here", async () => {
    const fresh = await newCustomer(system);
    const bound = () => usageItem({ customerId: fresh, meterKey: "bound" });
    expect((await record(system.container, bound())).map(outcomeWord)).toEqual(["NO_ACTIVE_SUBSCRIPTION"]);
    const other = await system.another();
    const startsAt = Date.parse("2026-03-01T00:00:00Z");
    const wanted = { planKey: "standard", startsAt, anchorAt: startsAt };
    await other.subscriptions.create(null, { customerId: fresh, externalCustomerId: null }, wanted);
    expect((await record(system.container, bound())).map(outcomeWord)).toEqual(["RECORDED"]);
  });

  it.each(["reason", "idempotencyKey"])("a void whose %s cannot be stored is refused by name", async (field) => {
    const request = { customerId, eventId: customerId, reason: "wrong", idempotencyKey: "void", [field]: "a\0b" };
    await expect(system.container.voids.voidEvent(request)).rejects.toMatchObject({
      extensions: { code: "BAD_USER_INPUT", field },
    });
  });
});
