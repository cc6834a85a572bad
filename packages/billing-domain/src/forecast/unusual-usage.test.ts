import { describe, expect, it } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { unusualUsage } from "./unusual-usage.ts";

const endAt = Date.UTC(2026, 2, 11);

/** Ten days of a rhythm between 60 and 140 an hour, and the hours given after it. */
function hours(...last: number[]): { quantities: ReturnType<typeof decimal>[]; endAt: number } {
  const usual = Array.from({ length: 240 }, (_, index) => 100 + Math.round(40 * Math.sin((index % 24) / 3.82)));
  return { quantities: [...usual, ...last].map((value) => decimal(String(value))), endAt };
}

describe("unusualUsage", () => {
  it("an hour as usual is nothing, and one of five times the usual is a spike of that hour", () => {
    expect(unusualUsage(hours(100, 110, 120))).toBeNull();
    const spike = unusualUsage(hours(100, 110, 600));
    expect(spike && [spike.kind, formatDecimal(spike.value), spike.startAt]).toEqual([
      "SPIKE",
      "600",
      endAt - 3_600_000,
    ]);
  });

  it("three silent hours are a drop, one is not", () => {
    expect(unusualUsage(hours(100, 110, 0))).toBeNull();
    const drop = unusualUsage(hours(0, 0, 0));
    expect(drop && [drop.kind, formatDecimal(drop.value), drop.startAt]).toEqual(["DROP", "0", endAt - 3 * 3_600_000]);
  });

  it("silence is usual where it has been before at that hour", () => {
    const nights = Array.from({ length: 240 }, (_, index) => (index % 24 < 8 ? "0" : "100"));
    const quantities = [...nights, "0", "0", "0"].map((value) => decimal(value));
    expect(unusualUsage({ quantities, endAt })).toBeNull();
  });

  it("hours before the first use are no silence that is usual", () => {
    const { quantities } = hours(0, 0, 0);
    const before = Array.from({ length: 500 }, () => decimal("0"));
    expect(unusualUsage({ quantities: [...before, ...quantities], endAt })?.kind).toBe("DROP");
  });

  it("less than three days of history say nothing", () => {
    expect(unusualUsage({ quantities: hours(600).quantities.slice(-70), endAt })).toBeNull();
  });

  it("a spike does not make the next one usual", () => {
    const { quantities } = hours(100, 600);
    const again = [...quantities, ...Array.from({ length: 23 }, () => decimal("100")), decimal("900")];
    expect(unusualUsage({ quantities: again, endAt })?.kind).toBe("SPIKE");
  });
});
