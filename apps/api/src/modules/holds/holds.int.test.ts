import { formatDecimal } from "@meterline/billing-domain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  newCustomer,
  outcomeWord,
  record,
  startTestSystem,
  type TestSystem,
  usageItem,
} from "../../testing/test-system.ts";
import type { HoldOutcome, HoldRequest } from "./index.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

const hard = { policy: "HARD", meterKey: "units", quantity: "10" };
const customer = async (...limits: object[]): Promise<string> => {
  const id = await newCustomer(system, { planKey: "weekly" });
  for (const limit of limits) await system.container.limiting.limits.set(null, id, limit);
  return id;
};
let nextKey = 0;
const hold = (customerId: string, quantity: string, of: Partial<HoldRequest> = {}): Promise<HoldOutcome> => {
  nextKey += 1;
  return system.container.holding.holds.hold({
    kind: "RESERVATION",
    customer: { customerId, externalCustomerId: null },
    meterKey: "units",
    quantity,
    properties: null,
    seconds: 60,
    idempotencyKey: `hold ${nextKey}`,
    createdBy: "a test",
    ...of,
  });
};
const held = async (...args: Parameters<typeof hold>): Promise<string> => {
  const outcome = await hold(...args);
  if (!outcome.ok) throw new Error(outcome.rejection.message);
  return outcome.hold.id;
};
const word = (outcome: HoldOutcome) => (outcome.ok ? outcome.hold.state : outcome.rejection.code);
const commit = async (customerId: string, reservationId: string, quantity: string | null = null) => {
  const ref = { customerId, externalCustomerId: null };
  const { outcome } = await system.container.holding.commits.commit({ customer: ref, reservationId, quantity });
  return outcomeWord(outcome);
};
const release = async (customerId: string, id: string) =>
  (await system.container.holding.holds.release({ customerId, externalCustomerId: null }, id)).hold.state;
const send = async (customerId: string, quantity: string, of: object = {}) =>
  outcomeWord(
    (await record(system.container, usageItem({ meterKey: "units", customerId, quantity, ...now(), ...of })))[0],
  );
const now = () => ({ occurredAt: new Date(system.clock.now()).toISOString() });
const L = "LIMIT_REACHED";

describe("a reservation", () => {
  test("takes units until it is committed, released or its time is up; then they are free at that instant", async () => {
    const id = await customer(hard);
    const first = await held(id, "6");
    expect(word(await hold(id, "5"))).toBe(L);
    expect(await send(id, "5")).toBe(L);
    expect(await send(id, "4")).toBe("RECORDED");
    expect(await release(id, first)).toBe("RELEASED");
    expect(await release(id, first)).toBe("RELEASED");
    const second = await held(id, "6");
    expect(await send(id, "1")).toBe(L);
    system.clock.advance(59_999);
    expect(await send(id, "1")).toBe(L);
    system.clock.advance(1);
    expect(await send(id, "6")).toBe("RECORDED");
    expect(await release(id, second)).toBe("EXPIRED");
  });

  test("is committed for less, equal or more; what is more is decided", async () => {
    const id = await customer(hard);
    const [less, equal, more] = [await held(id, "3"), await held(id, "3"), await held(id, "3")];
    expect(await commit(id, less, "1")).toBe("RECORDED");
    expect(await commit(id, equal)).toBe("RECORDED");
    // 4 used and 3 held: 6 would be exactly the limit, 6.1 past it; refused, the hold goes on.
    expect(await commit(id, more, "6.1")).toBe(L);
    expect(await send(id, "4")).toBe(L);
    expect(await commit(id, more, "6")).toBe("RECORDED");
    expect(await send(id, "0.1")).toBe(L);
  });

  test("is committed once, for ever", async () => {
    const id = await customer(hard);
    const one = await held(id, "3");
    expect(await commit(id, one, "2")).toBe("RECORDED");
    expect(await commit(id, one, "2")).toBe("DUPLICATE");
    expect(await commit(id, one, "3")).toBe("IDEMPOTENCY_CONFLICT");
    expect(await release(id, one)).toBe("COMMITTED");
    expect(await send(id, "8")).toBe("RECORDED");
  });

  test("asked for again with its key it is the same one; with other content it is a conflict", async () => {
    const id = await customer(hard);
    const key = { idempotencyKey: "the same" };
    const first = await held(id, "6", key);
    expect(await held(id, "6", key)).toBe(first);
    expect(word(await hold(id, "7", key))).toBe("IDEMPOTENCY_CONFLICT");
  });

  test("is a promise: recorded also when the limit was lowered meanwhile, and decided anew once it has ended", async () => {
    const id = await customer(hard);
    const [kept, late, released] = [await held(id, "4"), await held(id, "3"), await held(id, "3")];
    await system.container.limiting.limits.set(null, id, { ...hard, quantity: "2" });
    expect(await commit(id, kept)).toBe("RECORDED");
    expect(await release(id, released)).toBe("RELEASED");
    expect(await commit(id, released)).toBe(L);
    system.clock.advance(60_000);
    expect(await commit(id, late)).toBe(L);
    await system.container.limiting.limits.set(null, id, { ...hard, quantity: "7" });
    expect(await commit(id, late)).toBe("RECORDED");
    expect(await commit(id, late)).toBe("DUPLICATE");
  });

  test("counts as of the moment it was made, in every window that it was held in", async () => {
    const id = await customer({ ...hard, period: "HOUR" });
    system.clock.set(Date.parse("2026-03-16T12:59:30Z"));
    const one = await held(id, "10");
    system.clock.set(Date.parse("2026-03-16T13:00:10Z"));
    expect(await send(id, "10")).toBe("RECORDED");
    expect(await commit(id, one)).toBe("RECORDED");
  });

  test("holds money of the bill, and of one property value", async () => {
    const id = await customer(
      { policy: "HARD", amount: "15.00" },
      { policy: "HARD", meterKey: "calls", quantity: "60", property: { name: "model", value: "big" } },
    );
    const calls = (quantity: string, model: string) => hold(id, quantity, { meterKey: "calls", properties: { model } });
    expect(word(await calls("61", "big"))).toBe(L);
    expect(word(await calls("60", "big"))).toBe("HELD");
    expect(word(await calls("1", "big"))).toBe(L);
    // 5.00 and 6.00 held: 4.00 are left, which is 40 calls.
    expect(word(await calls("41", "small"))).toBe(L);
    expect(word(await calls("40", "small"))).toBe("HELD");
  });

  test("refuses what cannot be held, with the reason", async () => {
    const id = await customer(hard);
    expect(word(await hold(id, "0"))).toBe("INVALID_QUANTITY");
    expect(word(await hold(id, "-1"))).toBe("INVALID_QUANTITY");
    expect(word(await hold(id, "1", { meterKey: "peak" }))).toBe("INVALID_QUANTITY");
    expect(word(await hold(id, "2", { meterKey: "events" }))).toBe("INVALID_QUANTITY");
    expect(word(await hold(id, "1", { meterKey: "nothing" }))).toBe("UNKNOWN_METER");
    await expect(hold(id, "1", { seconds: 86_401 })).rejects.toThrow(/86400 seconds/);
    await expect(hold(id, "1", { seconds: 0 })).rejects.toThrow(/1 to 86400/);
    expect(word(await hold(id, "1", { seconds: 86_400 }))).toBe("HELD");
    await expect(commit(id, "no such")).rejects.toThrow(/no such reservation/);
  });

  test("of a meter that reads its value from a property is committed through it", async () => {
    const id = await customer({ policy: "HARD", meterKey: "paid", quantity: "10" });
    const one = await held(id, "7", { meterKey: "paid", properties: { status: "settled" } });
    expect(await commit(id, one, "6.5")).toBe("RECORDED");
    expect(word(await hold(id, "4", { meterKey: "paid", properties: { status: "settled" } }))).toBe(L);
  });
});

describe("a lease", () => {
  const lease = async (id: string, quantity: string, seconds = 60) => {
    const holdId = await held(id, quantity, { kind: "LEASE", seconds });
    const token = system.container.limiting.leases.sign({ customerId: id, holdId });
    const look = async () => {
      const { hold: found } = await system.container.holding.holds.find(
        { customerId: id, externalCustomerId: null },
        holdId,
      );
      return `${found.state} ${formatDecimal(found.drawn)} ${formatDecimal(found.overshoot)}`;
    };
    return { token, holdId, look };
  };

  test("counts as held, and is drawn down by what is recorded under it", async () => {
    const id = await customer(hard);
    const { token, look } = await lease(id, "6");
    expect(await send(id, "5")).toBe(L);
    expect(await send(id, "4")).toBe("RECORDED");
    expect(await send(id, "5", { leaseToken: token })).toBe("RECORDED");
    expect(await look()).toBe("HELD 5 0");
    expect(await send(id, "2", { leaseToken: token })).toBe(L);
    expect(await send(id, "1", { leaseToken: token })).toBe("RECORDED");
    expect(await send(id, "0.1", { leaseToken: token })).toBe(L);
  });

  test("keeps its word after its end; what that goes past the limit is bounded by it and shown", async () => {
    const id = await customer(hard);
    const { token, look } = await lease(id, "6");
    const during = now();
    system.clock.advance(60_000);
    expect(await send(id, "8")).toBe("RECORDED");
    expect(await send(id, "5", { leaseToken: token, ...during })).toBe("RECORDED");
    expect(await look()).toBe("EXPIRED 5 3");
    expect(await send(id, "2", { leaseToken: token, ...during })).toBe(L);
    expect(await send(id, "1", { leaseToken: token, ...during })).toBe("RECORDED");
    expect(await look()).toBe("EXPIRED 6 4");
    // After its time it says nothing about what is used then.
    expect(await send(id, "1", { leaseToken: token })).toBe(L);
  });

  test("is no licence: another customer's, a made up or a released one is worth nothing", async () => {
    const [id, other] = [await customer(hard), await customer(hard)];
    const { token, holdId } = await lease(id, "6");
    expect(await send(other, "1", { leaseToken: token })).toBe("INVALID_LEASE");
    expect(await send(id, "1", { leaseToken: `${token}x` })).toBe("INVALID_LEASE");
    expect(await send(id, "1", { leaseToken: "mlease.a.b.c" })).toBe("INVALID_LEASE");
    expect(await release(id, holdId)).toBe("RELEASED");
    expect(await send(id, "10")).toBe("RECORDED");
    expect(await send(id, "1", { leaseToken: token })).toBe(L);
  });

  test("ends with the window that it is held in, and lasts an hour at most", async () => {
    const id = await customer({ ...hard, period: "HOUR" });
    system.clock.set(Date.parse("2026-03-16T15:59:00Z"));
    const outcome = await hold(id, "6", { kind: "LEASE", seconds: 3_600 });
    if (!outcome.ok) throw new Error("not held");
    expect(new Date(outcome.hold.expiresAt).toISOString()).toBe("2026-03-16T16:00:00.000Z");
    await expect(hold(id, "1", { kind: "LEASE", seconds: 3_601 })).rejects.toThrow(/3600/);
  });
});
