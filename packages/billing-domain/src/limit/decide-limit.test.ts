import { describe, expect, test } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { decideLimit, type LimitDecision, type LimitRequest } from "./decide-limit.ts";
import type { LimitTally } from "./limit-tally.ts";
import { moneyTally, planOf, unitTally, usageOf } from "./limits.testing.ts";

const record = (quantity: string, of: Parameters<typeof usageOf>[1] = {}): LimitRequest => ({
  usage: usageOf(quantity, of),
  what: "RECORD",
});
const word = (decision: LimitDecision) => (decision.fits ? "fits" : decision.refusedBy.limit.id);
const decided = (tallies: LimitTally[], request: LimitRequest) => word(decideLimit(tallies, request));
const standing = (tallies: LimitTally[], request: LimitRequest, index = 0) => {
  const one = decideLimit(tallies, request).standings[index];
  return one === undefined
    ? ""
    : `${formatDecimal(one.used)}+${formatDecimal(one.held)} ${formatDecimal(one.remaining)} ${one.standing}`;
};

describe("units", () => {
  test("the last unit fits, one more does not", () => {
    expect(decided([unitTally({ used: "9" })], record("1"))).toBe("fits");
    expect(decided([unitTally({ used: "10" })], record("1"))).toBe("limit");
    expect(decided([unitTally({ used: "9.5" })], record("0.500000000001"))).toBe("limit");
  });
  test("what is held counts as used", () => {
    expect(decided([unitTally({ used: "5", held: "4" })], record("1"))).toBe("fits");
    expect(decided([unitTally({ used: "5", held: "5" })], record("1"))).toBe("limit");
  });
  test("a limit of 0 takes nothing but zero", () => {
    expect(decided([unitTally({ quantity: "0" })], record("1"))).toBe("limit");
    expect(decided([unitTally({ quantity: "0" })], record("0"))).toBe("fits");
  });
  test("what gives back always fits, also far past the limit", () => {
    expect(decided([unitTally({ used: "50" })], record("-1"))).toBe("fits");
    expect(standing([unitTally({ used: "50" })], record("-45"))).toBe("5+0 5 OK");
  });
  test("a refusal changes nothing, so a smaller item after it may fit", () => {
    const first = decideLimit([unitTally({ used: "8" })], record("3"));
    expect(first).toMatchObject({ fits: false, refusedBy: { standing: "BLOCKED" } });
    expect(decided([...first.tallies], record("2"))).toBe("fits");
  });
  test("soft and notify never refuse", () => {
    expect(
      decided([unitTally({ used: "10", policy: "SOFT" }), unitTally({ used: "99", policy: "NOTIFY" })], record("1")),
    ).toBe("fits");
  });
  test("of two limits that refuse the strictest is named", () => {
    const tallies = [
      unitTally({ id: "month", used: "10" }),
      unitTally({ id: "day", quantity: "5", used: "5", period: "DAY" }),
    ];
    expect(decided(tallies, record("1"))).toBe("day");
    expect(decided([unitTally({ id: "month" }), unitTally({ id: "day", quantity: "5", used: "5" })], record("1"))).toBe(
      "day",
    );
  });
});

describe("aggregations", () => {
  test("COUNT: an event is one unit, whatever its quantity", () => {
    expect(decided([unitTally({ used: "9" })], record("500", { aggregation: "COUNT" }))).toBe("fits");
    expect(decided([unitTally({ used: "10" })], record("0", { aggregation: "COUNT" }))).toBe("limit");
  });
  test("MAX: a value up to the limit fits however often, and one that raises nothing always", () => {
    const max = { aggregation: "MAX" as const };
    expect(decided([unitTally({ used: "10" })], record("10", max))).toBe("fits");
    expect(decided([unitTally({ used: null })], record("11", max))).toBe("limit");
    expect(decided([unitTally({ used: "12" })], record("12", max))).toBe("fits");
  });
  test("LATEST: a value past the limit is refused also when a later one stands; one that falls is taken", () => {
    const latest = { aggregation: "LATEST" as const, occurredAt: 5 };
    expect(decided([unitTally({ used: "3", latestAt: 9 })], record("11", latest))).toBe("limit");
    expect(decided([unitTally({ used: "20", latestAt: 1 })], record("15", latest))).toBe("fits");
    expect(standing([unitTally({ used: "3", latestAt: 9 })], record("7", latest))).toBe("3+0 7 OK");
  });
  test("UNIQUE_COUNT: a value that was seen takes no unit", () => {
    const value = (uniqueValue: string) => record("1", { aggregation: "UNIQUE_COUNT", uniqueValue });
    const full = [unitTally({ used: "10", seen: ["ann"] })];
    expect(decided(full, value("ann"))).toBe("fits");
    expect(decided(full, value("bob"))).toBe("limit");
    const one = decideLimit([unitTally({ used: "9" })], value("bob"));
    expect(decided([...one.tallies], value("bob"))).toBe("fits");
    expect(decided([...one.tallies], value("cid"))).toBe("limit");
  });
});

describe("standing", () => {
  test.each([
    ["7", "1", "8+0 2 NEAR"],
    ["6", "1.9", "7.9+0 2.1 OK"],
    ["9", "1", "10+0 0 BLOCKED"],
  ])("hard: %s used and %s more is %s", (used, more, expected) => {
    expect(standing([unitTally({ used })], record(more))).toBe(expected);
  });
  test("soft: reached at the limit, and past it nothing remains", () => {
    expect(standing([unitTally({ used: "9", policy: "SOFT" })], record("1"))).toBe("10+0 0 REACHED");
    expect(standing([unitTally({ used: "9", policy: "SOFT" })], record("5"))).toBe("14+0 0 REACHED");
  });
  test("a limit without warnings is never near", () => {
    expect(standing([unitTally({ used: "8", warnAtPercent: [] })], record("1"))).toBe("9+0 1 OK");
  });
});

describe("holds", () => {
  test("a hold takes units, and gives back what it is not committed for", () => {
    const held = decideLimit([unitTally({ used: "4" })], { usage: usageOf("6"), what: "HOLD" });
    expect(held).toMatchObject({ fits: true });
    expect(decided([...held.tallies], record("1"))).toBe("limit");
    const six = decimal("6");
    const committed = { ...record("2"), releasedUnits: six, promisedUnits: six };
    expect(standing([...held.tallies], committed)).toBe("6+0 4 OK");
  });
  test("more than was reserved is decided as usage; up to it is promised even when the limit was lowered", () => {
    const tallies = [unitTally({ used: "4", held: "6", quantity: "10" })];
    const six = decimal("6");
    expect(decided(tallies, { ...record("7"), releasedUnits: six, promisedUnits: six })).toBe("limit");
    const lowered = [unitTally({ used: "4", held: "6", quantity: "5" })];
    expect(decided(lowered, { ...record("6"), releasedUnits: six, promisedUnits: six })).toBe("fits");
  });
});

describe("money", () => {
  const graduated = planOf(
    {
      model: "GRADUATED",
      includedQuantity: "100",
      tiers: [
        { upTo: "50", unitPrice: "0.1" },
        { upTo: null, unitPrice: "0.05" },
      ],
    },
    { baseAmount: "2.00" },
  );

  test("the bill with the event may reach the limit and not pass it: 100 free, 50 at 0.10, then 0.05, and 2.00", () => {
    // 10.00 - 2.00 - 5.00 = 3.00 is 60 units past the first tier: 210 in all.
    expect(decided([moneyTally(graduated)], record("210"))).toBe("fits");
    expect(decided([moneyTally(graduated)], record("210.1"))).toBe("money");
    expect(standing([moneyTally(graduated)], record("210"))).toBe("10+0 0 BLOCKED");
  });
  test("the line is rounded half up as it is billed: 210.09 units are 10.0045, which is 10.00", () => {
    expect(decided([moneyTally(graduated)], record("210.09"))).toBe("fits");
  });
  test("a limit on a meter's line leaves the base fee and other lines out", () => {
    const line = moneyTally(graduated, { meterKey: "calls", amount: "5.00" });
    expect(decided([line], record("150"))).toBe("fits");
    expect(decided([line], record("150.2"))).toBe("money");
  });
  test("what is held is priced on top of what is used", () => {
    const held = decideLimit([moneyTally(graduated)], { usage: usageOf("200"), what: "HOLD" });
    expect(standing([...held.tallies], record("10"))).toBe("2+8 0 BLOCKED");
    expect(decided([...held.tallies], record("11"))).toBe("money");
  });
  test("a matrix is priced by combination", () => {
    const plan = planOf({
      model: "MATRIX",
      properties: ["model"],
      cells: [{ values: ["big"], unitPrice: "1" }],
      defaultUnitPrice: "0.1",
    });
    const of = (value: string) => ({ groupBy: ["model"], dimensionValues: [value] });
    const first = decideLimit([moneyTally(plan)], record("9", of("big")));
    expect(decided([...first.tallies], record("10", of("small")))).toBe("fits");
    expect(decided([...first.tallies], record("2", of("big")))).toBe("money");
  });
});
