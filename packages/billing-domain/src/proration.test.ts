import { describe, expect, test } from "vitest";
import { type Decimal, decimal, formatDecimal, ONE, ZERO } from "./decimal.ts";
import { prorateAmount } from "./proration.ts";
import { type EpochMs, shareOfWindow, type Window } from "./window.ts";

const at = (text: string): EpochMs => Date.parse(text);
const NOVEMBER: Window = { startAt: at("2026-11-01T00:00:00Z"), endAt: at("2026-12-01T00:00:00Z") };
const share = (startAt: string, endAt: string): Decimal =>
  shareOfWindow({ startAt: at(startAt), endAt: at(endAt) }, NOVEMBER);
const prorated = (amount: string, part: Decimal) => formatDecimal(prorateAmount(decimal(amount), part));

describe("prorating by the second", () => {
  test("a whole period pays the whole amount, none of it pays nothing", () => {
    expect(prorated("49.99", ONE)).toBe("49.99");
    expect(prorated("49.99", ZERO)).toBe("0");
  });

  test("10 days of 30 pay a third", () => {
    expect(prorated("30", share("2026-11-21T00:00:00Z", "2026-12-01T00:00:00Z"))).toBe("10");
  });

  test("one second of November is 1/2,592,000 of it", () => {
    expect(prorated("2592000", share("2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"))).toBe("1");
  });

  test("a share that does not end as a decimal still gives the exact amount: a third of 0.15 is 0.05", () => {
    expect(prorated("0.15", share("2026-11-21T00:00:00Z", "2026-12-01T00:00:00Z"))).toBe("0.05");
  });

  test("half a cent stays half a cent: a thirtieth of 0.15 is 0.005", () => {
    expect(prorated("0.15", share("2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"))).toBe("0.005");
  });

  test("the parts of a period that is cut at a second sum to the whole, to 19 decimals", () => {
    const cut = "2026-11-12T07:31:01Z";
    const first = prorateAmount(decimal("100"), share("2026-11-01T00:00:00Z", cut));
    const second = prorateAmount(decimal("100"), share(cut, "2026-12-01T00:00:00Z"));
    expect(formatDecimal(first.plus(second).round(19))).toBe("100");
  });

  test("a share outside 0 to 1 is refused", () => {
    expect(() => prorateAmount(ONE, decimal("1.000000000001"))).toThrow(RangeError);
    expect(() => prorateAmount(ONE, decimal("-0.000000000001"))).toThrow(RangeError);
  });
});
