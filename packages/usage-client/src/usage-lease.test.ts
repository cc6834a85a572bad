import { describe, expect, test } from "vitest";
import { UsageLease } from "./usage-lease.ts";

const heldAt = Date.parse("2026-03-16T10:00:00.000Z");

/** A lease of an API whose clock is an hour ahead of ours. */
function leaseOf(quantity: string, seconds = 60) {
  const clock = { at: heldAt - 3_600_000 };
  let released = 0;
  const lease = new UsageLease({
    id: "lease",
    token: "mlease.token",
    quantity,
    heldAt,
    expiresAt: heldAt + seconds * 1_000,
    askedAt: clock.at,
    clock: { now: () => clock.at, schedule: () => () => undefined, random: () => 0 },
    usage: { externalCustomerId: "acme", meterKey: "api_requests", properties: { model: "large" } },
    release: async () => {
      released += 1;
    },
  });
  return { lease, clock, released: () => released };
}

describe("a lease", () => {
  test("is used up exactly, in any parts, without a binary float", () => {
    const { lease } = leaseOf("1");
    for (let tenth = 0; tenth < 10; tenth += 1) expect(lease.use({ quantity: "0.1" })).not.toBeNull();
    expect(lease.remaining).toBe("0");
    expect(lease.use({ quantity: "0.000000000001" })).toBeNull();
  });

  test("answers what to record: with its token, its properties, and the time by the API's clock", () => {
    const { lease, clock } = leaseOf("10");
    clock.at += 1_500;
    expect(lease.use({ quantity: "2.5", idempotencyKey: "request 1" })).toEqual({
      externalCustomerId: "acme",
      meterKey: "api_requests",
      properties: { model: "large" },
      quantity: "2.5",
      idempotencyKey: "request 1",
      occurredAt: new Date("2026-03-16T10:00:01.500Z"),
      leaseToken: "mlease.token",
    });
    expect(lease.remaining).toBe("7.5");
  });

  test("takes nothing of what does not fit, so that something smaller may", () => {
    const { lease } = leaseOf("3");
    expect(lease.use({ quantity: "4" })).toBeNull();
    expect(lease.use({ quantity: "3" })).not.toBeNull();
  });

  test("ends when its time is up, counted from when it was asked for", () => {
    const { lease, clock } = leaseOf("3", 60);
    clock.at += 59_999;
    expect(lease.hasEnded).toBe(false);
    expect(lease.use()).not.toBeNull();
    clock.at += 1;
    expect([lease.hasEnded, lease.remaining, lease.use()]).toEqual([true, "0", null]);
  });

  test("released it has nothing left", async () => {
    const { lease, released } = leaseOf("3");
    await lease.release();
    expect([lease.use(), released()]).toEqual([null, 1]);
  });

  test.each(["-1", "1e3", "", "1.0000000000001", "abc"])("a quantity that is %j is not taken", (quantity) => {
    expect(leaseOf("3").lease.use({ quantity })).toBeNull();
  });
});
