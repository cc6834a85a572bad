import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type ReportKey, reportIdentifier, reportKeyOf } from "./report-key.ts";

const key: ReportKey = {
  customerId: "00000000-1111-4222-8333-444444444444",
  meterId: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
  channel: "EVENTS",
  periodStartAt: Date.parse("2026-03-01T00:00:00Z"),
  sequence: 37,
};

test("an identifier is the key written down", () => {
  // 1772323200000 is mm6zh1c0 in base 36, 37 is 11.
  expect(reportIdentifier(key)).toBe(
    "ml_00000000111142228333444444444444aaaaaaaabbbb4ccc8dddeeeeeeeeeeeee_mm6zh1c0_11",
  );
});

test("a key comes back from its identifier, which is never longer than Stripe takes", () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.uuid(),
      fc.constantFrom("EVENTS" as const, "RECORDS" as const),
      fc.integer({ min: -30_000_000_000_000, max: 250_000_000_000_000 }),
      fc.integer({ min: 1, max: 2_147_483_647 }),
      (customerId, meterId, channel, periodStartAt, sequence) => {
        const made = { customerId, meterId, channel, periodStartAt, sequence };
        const identifier = reportIdentifier(made);
        expect(reportKeyOf(identifier)).toEqual(made);
        expect(identifier.length).toBeLessThanOrEqual(100);
      },
    ),
  );
});

test.each(["", "evt_1", "ml_123", "ml_00000000111142228333444444444444aaaaaaaabbbb4ccc8dddeeeeeeeeeeeex_mm6zh1c0_11"])(
  "%j is no identifier of ours",
  (identifier) => {
    expect(reportKeyOf(identifier)).toBeNull();
  },
);
