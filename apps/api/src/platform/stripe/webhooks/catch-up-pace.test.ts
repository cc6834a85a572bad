import { describe, expect, test } from "vitest";
import { mayList, waitAfterPass } from "./catch-up-pace.ts";
import { partsOf, typesOfFamily } from "./event-list.ts";

const minute = 60_000;

describe("the pace of listing events", () => {
  test("is as wanted where a fifth of the allowance suffices for it", () => {
    // 3 GETs of 100,000 in 30 days at a fifth: 6.48 minutes. Of a million, five minutes are enough.
    expect(waitAfterPass({ everyMs: 5 * minute, reads: 3, readsPerMonth: 1_000_000 })).toBe(5 * minute);
    expect(waitAfterPass({ everyMs: 5 * minute, reads: 3, readsPerMonth: 100_000 })).toBe(6.48 * minute);
  });

  test("is slower where it would cost more, and an hour at the slowest, however long an outage was", () => {
    expect(waitAfterPass({ everyMs: 5 * minute, reads: 2, readsPerMonth: 10_000 })).toBe(43.2 * minute);
    expect(waitAfterPass({ everyMs: 5 * minute, reads: 200, readsPerMonth: 10_000 })).toBe(60 * minute);
    expect(waitAfterPass({ everyMs: 120 * minute, reads: 1, readsPerMonth: 10_000 })).toBe(120 * minute);
    expect(waitAfterPass({ everyMs: 5 * minute, reads: 1, readsPerMonth: 0 })).toBe(60 * minute);
  });

  test("stops where a tenth of the allowance is left", () => {
    expect(mayList({ left: 1_001, readsPerMonth: 10_000 })).toBe(true);
    expect(mayList({ left: 1_000, readsPerMonth: 10_000 })).toBe(false);
  });
});

describe("what is listed", () => {
  test("is at most 20 types at a time, each family its own", () => {
    const types = Array.from({ length: 22 }, (_, index) => `invoice.${index}`);
    expect(partsOf(types).map((part) => part.length)).toEqual([20, 2]);
    expect(typesOfFamily(["invoice.paid", "v1.billing.meter.no_meter_found"], "THIN")).toEqual([
      "v1.billing.meter.no_meter_found",
    ]);
    expect(typesOfFamily(["invoice.paid", "v1.billing.meter.no_meter_found"], "SNAPSHOT")).toEqual(["invoice.paid"]);
  });
});
