import { type Decimal, decimal, formatDecimal } from "@meterline/billing-domain";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Viewer } from "../../platform/auth/index.ts";
import {
  newCustomer,
  outcomeWord,
  record,
  startTestSystem,
  type TestSystem,
  testNow,
  usageItem,
} from "../../testing/test-system.ts";
import { frozenTotals } from "./index.ts";

const staff: Viewer = { kind: "STAFF", userId: "s1", name: "Staff", email: "staff@example.com" };
const march = Date.parse("2026-03-01T00:00:00Z");
const april = Date.parse("2026-04-01T00:00:00Z");
const may = Date.parse("2026-05-01T00:00:00Z");
const hour = 3_600_000;

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
beforeEach(() => system.clock.set(testNow));
afterAll(() => system.close());

async function view(customerId: string, at: number, viewer = staff) {
  const { profiles, consumption } = system.container;
  profiles.forget(customerId);
  const [profile] = await profiles.find([{ customerId, externalCustomerId: null }]);
  if (!profile) throw new Error("the customer is there");
  return consumption.consumption(viewer, profile, at);
}
const freeze = (customerId: string) => system.container.closing.freezer.freezeCustomer(customerId);
const text = (value: Decimal | null | undefined) => (value ? formatDecimal(value) : null);
const callsOf = async (customerId: string, at: number) =>
  (await view(customerId, at)).bill.lines.find((line) => line.meterKey === "calls");
const late = async (customerId: string, at: number) =>
  (await view(customerId, at)).lateLines.map((line) => [
    line.meterKey,
    new Date(line.source.startAt).toISOString().slice(0, 10),
    text(line.quantity),
    line.amount.amountMinor,
  ]);

/** A customer on "standard" since March whose March was frozen with this many calls. */
async function frozenMarch(calls: string): Promise<string> {
  const customerId = await newCustomer(system, { planKey: "standard" });
  await record(system.container, usageItem({ customerId, quantity: calls }));
  system.clock.set(april + hour);
  expect(await freeze(customerId)).toBe(1);
  return customerId;
}

describe("freezing", () => {
  it("comes when the grace is over: OPEN until the end, CLOSING until it is frozen, then CLOSED", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const states: unknown[] = [];
    for (const now of [april - 1, april, april + hour - 1, april + hour]) {
      system.clock.set(now);
      const before = (await view(customerId, march)).state;
      states.push([before, await freeze(customerId), (await view(customerId, march)).state]);
    }
    expect(states).toEqual([
      ["OPEN", 0, "OPEN"],
      ["CLOSING", 0, "CLOSING"],
      ["CLOSING", 0, "CLOSING"],
      ["CLOSING", 1, "CLOSED"],
    ]);
    expect(await freeze(customerId)).toBe(0);
  });

  it("late usage within the grace is in the bill; the frozen bill is the one before, to the last decimal", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    await record(system.container, usageItem({ customerId, quantity: "1600" }));
    system.clock.set(april + hour - 1);
    await record(system.container, usageItem({ customerId, quantity: "0.5", occurredAt: "2026-03-31T23:59:59Z" }));
    const before = await view(customerId, march);
    system.clock.set(april + hour);
    await freeze(customerId);
    const after = await view(customerId, march);
    // 1,000 at 0.01 and 500.5 at 0.005 are 12.5025; with the base fee of 20.
    expect(text((await callsOf(customerId, march))?.unroundedAmount)).toBe("12.5025");
    expect(after.total).toEqual({ amountMinor: 3250n, currency: "USD" });
    expect(JSON.stringify(after.bill, bigints)).toBe(JSON.stringify(before.bill, bigints));
    expect(after.completeThrough).toBe(april + hour);
  });

  it("a member sees the frozen bill of its own customer, through row-level security", async () => {
    const customerId = await frozenMarch("200");
    await record(system.container, usageItem({ customerId, quantity: "100" }));
    const member: Viewer = {
      kind: "MEMBER",
      userId: "m1",
      name: "M",
      email: "m@example.com",
      customerId,
    };
    expect((await view(customerId, march, member)).total.amountMinor).toBe(2100n);
    expect((await view(customerId, april, member)).lateLines).toHaveLength(1);
  });

  it("writes down what each meter came to, which late usage does not change", async () => {
    const customerId = await frozenMarch("200");
    expect(await frozenTotals(system.container.database, customerId, april)).toBeNull();
    await record(system.container, usageItem({ customerId, quantity: "100" }));
    const meters = new Map((await system.container.meters.all()).map((meter) => [meter.id, meter.definition.key]));
    const totals = (await frozenTotals(system.container.database, customerId, march)) ?? [];
    expect(totals.map((total) => [meters.get(total.meterId), text(total.quantity)]).sort()).toEqual([
      ["calls", "200"],
      ["peak", null],
      ["seats", "0"],
    ]);
  });

  it("cannot be changed or taken back in SQL", async () => {
    const customerId = await frozenMarch("200");
    for (const table of ["frozen_period", "frozen_usage"]) {
      const change = system.container.database.query(`DELETE FROM ${table} WHERE customer_id = $1`, [customerId]);
      await expect(change).rejects.toThrow(`${table} is written once`);
    }
  });

  it("takes one period after the other, as many as are behind", async () => {
    const customerId = await newCustomer(system, { planKey: "weekly" });
    system.clock.set(Date.parse("2026-03-29T01:00:00Z"));
    expect(await freeze(customerId)).toBe(4);
    const [row] = await system.container.database.query<{ until: Date; due: Date }>(
      "SELECT c.frozen_until AS until, d.due_at AS due FROM customer c JOIN closing_due d ON d.customer_id = c.id WHERE id = $1",
      [customerId],
    );
    expect(row?.until.toISOString()).toBe("2026-03-29T00:00:00.000Z");
    expect(row?.due.toISOString()).toBe("2026-04-05T01:00:00.000Z");
  });

  it("the job finds who is due, and a customer that fails keeps no other waiting", async () => {
    const other = await startTestSystem();
    try {
      const [good, bad] = [
        await newCustomer(other, { planKey: "weekly" }),
        await newCustomer(other, { planKey: "weekly" }),
      ];
      const breaking = other.container.closing.freezer;
      breaking.addListener(async (_transaction, frozen) => {
        if (frozen.profile.customerId === bad) throw new Error("broken");
      });
      other.clock.set(Date.parse("2026-03-15T01:00:00Z"));
      const failures: string[] = [];
      const options = { until: performance.now() + 30_000, onFailure: (id: string) => void failures.push(id) };
      expect(await breaking.freezeDue(options)).toBe(2);
      expect(failures).toEqual([bad]);
      const [row] = await other.container.database.query<{ until: Date | null }>(
        "SELECT frozen_until AS until FROM customer WHERE id = $1",
        [bad],
      );
      expect(row?.until).toBeNull();
      expect(good).not.toBe(bad);
    } finally {
      await other.close();
    }
  });
});

describe("history", () => {
  it("periods that ended before the go-live are never frozen, and a backfill of them moves no bill", async () => {
    const { container } = system;
    const { id: customerId } = await container.customers.create(null, {
      externalId: "goes-live-in-march",
      goLiveAt: "2026-03-10T00:00:00Z",
    });
    const startsAt = Date.parse("2026-01-01T00:00:00Z");
    await container.subscriptions.create(
      null,
      { customerId, externalCustomerId: null },
      { planKey: "standard", startsAt, anchorAt: startsAt },
    );
    system.clock.set(april + hour);
    expect(await freeze(customerId)).toBe(1);
    expect((await view(customerId, startsAt)).state).toBe("CLOSED");
    const backfill = usageItem({ customerId, quantity: "200", occurredAt: "2026-01-10T00:00:00Z" });
    expect((await container.ingestion.record([backfill], { mayBackfill: true })).map(outcomeWord)).toEqual([
      "RECORDED",
    ]);
    expect((await view(customerId, startsAt)).total.amountMinor).toBe(2100n);
    expect(await late(customerId, april)).toEqual([]);
    expect((await view(customerId, march)).total.amountMinor).toBe(2000n);
  });
});

describe("late usage", () => {
  it("leaves the frozen bill and is a line of the open period, priced where it belongs", async () => {
    const customerId = await frozenMarch("1050");
    // 1,050 - 100 are 950 at a cent: 9.50. With 100 more: 1,000 at a cent and 50 at half a cent, 10.25.
    await record(system.container, usageItem({ customerId, quantity: "100" }));
    expect((await view(customerId, march)).total.amountMinor).toBe(2950n);
    expect(await late(customerId, april)).toEqual([["calls", "2026-03-01", "100", 75n]]);
    expect((await view(customerId, april)).total.amountMinor).toBe(2075n);
    expect(await late(customerId, may)).toEqual([]);
  });

  it("is billed once: frozen with the open period, and later usage is what came since", async () => {
    const customerId = await frozenMarch("1050");
    await record(system.container, usageItem({ customerId, quantity: "100" }));
    system.clock.set(may + hour);
    await freeze(customerId);
    expect(await late(customerId, april)).toEqual([["calls", "2026-03-01", "100", 75n]]);
    expect(await late(customerId, may)).toEqual([]);
    await system.container.ingestion.record([usageItem({ customerId, quantity: "2" })], { mayBackfill: true });
    expect(await late(customerId, may)).toEqual([["calls", "2026-03-01", "2", 1n]]);
    expect(await late(customerId, april)).toEqual([["calls", "2026-03-01", "100", 75n]]);
  });

  it("a void of a frozen period is a negative line", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const [kept, taken] = await record(
      system.container,
      usageItem({ customerId, quantity: "1050" }),
      usageItem({ customerId, quantity: "100" }),
    );
    expect([kept, taken].map(outcomeWord)).toEqual(["RECORDED", "RECORDED"]);
    system.clock.set(april + hour);
    await freeze(customerId);
    const eventId = taken?.outcome === "RECORDED" ? taken.event.id : "";
    await system.container.voids.voidEvent({ customerId, eventId, reason: "sent twice", idempotencyKey: "v1" });
    expect(await late(customerId, april)).toEqual([["calls", "2026-03-01", "-100", -75n]]);
  });

  it("a level that comes late moves every frozen period that it holds through", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    system.clock.set(may + hour);
    expect(await freeze(customerId)).toBe(2);
    // One seat from 31 March, 00:00: 24 hours of March and 720 of April at half a dollar.
    const seat = usageItem({ customerId, meterKey: "seats", quantity: "1", occurredAt: "2026-03-31T00:00:00Z" });
    await record(system.container, seat);
    expect(await late(customerId, may)).toEqual([
      ["seats", "2026-03-01", "24", 1200n],
      ["seats", "2026-04-01", "720", 36000n],
    ]);
  });

  it("of a plan that ended waits: nothing is frozen, and no bill has it", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const { subscriptions, profiles } = system.container;
    const [profile] = await profiles.find([{ customerId, externalCustomerId: null }]);
    const [subscription] = profile?.subscriptions ?? [];
    await subscriptions.end(null, subscription?.id ?? "", Date.parse("2026-03-20T00:00:00Z"));
    system.clock.set(Date.parse("2026-03-20T01:00:00Z"));
    expect(await freeze(customerId)).toBe(1);
    await record(system.container, usageItem({ customerId, quantity: "200" }));
    system.clock.set(may + hour);
    expect(await freeze(customerId)).toBe(0);
    expect(await late(customerId, Date.parse("2026-03-20T00:00:00Z"))).toEqual([]);
    // Back on a plan, the first bill has what waited: 100 calls past the allowance at a cent.
    const back = { planKey: "standard", startsAt: may, anchorAt: may };
    await subscriptions.create(null, { customerId, externalCustomerId: null }, back);
    expect(await late(customerId, may)).toEqual([["calls", "2026-03-01", "200", 100n]]);
  });
});

describe("changes of plan", () => {
  it("cut the period: the part before is frozen when its grace is over, with its share of the fee", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const ref = { customerId, externalCustomerId: null };
    const cut = Date.parse("2026-03-16T12:00:00Z");
    const { subscriptions } = system.container;
    const running = await subscriptions.create(null, ref, { planKey: "standard", startsAt: march, anchorAt: march });
    await subscriptions.end(null, running.id, cut);
    await subscriptions.create(null, ref, { planKey: "weekly", startsAt: cut, anchorAt: cut });
    system.clock.set(cut + hour);
    expect(await freeze(customerId)).toBe(1);
    // 15.5 of 31 days of 20 dollars.
    expect((await view(customerId, march)).bill.baseFee.amountMinor).toBe(1000n);
    expect((await view(customerId, cut)).state).toBe("OPEN");
  });

  it("never cut what is frozen", async () => {
    const customerId = await frozenMarch("1");
    const [profile] = await system.container.profiles.find([{ customerId, externalCustomerId: null }]);
    const id = profile?.subscriptions[0]?.id ?? "";
    const end = (at: number) => system.container.subscriptions.end(null, id, at);
    await expect(end(april - 1_000)).rejects.toThrow("billed until 2026-04-01");
    await expect(end(april)).resolves.toMatchObject({ endsAt: april });
  });
});

describe("usage while a period is frozen", () => {
  it("is in the frozen bill or late, each event once, whoever is first", async () => {
    const customerId = await newCustomer(system, { planKey: "standard" });
    const other = await system.another();
    system.clock.set(april + hour);
    const sent = Array.from({ length: 60 }, () => usageItem({ customerId, quantity: "7" }));
    const sending = sent.map((item, index) => record(index % 2 === 0 ? system.container : other, item));
    const [frozen] = await Promise.all([freeze(customerId), ...sending]);
    expect(frozen).toBe(1);
    const inBill = (await callsOf(customerId, march))?.quantity ?? decimal("0");
    const inLate = (await view(customerId, april)).lateLines[0]?.quantity ?? decimal("0");
    expect(text(inBill.plus(inLate))).toBe("420");
  });
});

const bigints = (_key: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);
