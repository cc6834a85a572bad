import { describe, expect, test } from "vitest";
import { decimal } from "../decimal.ts";
import { DAY_MS } from "../window.ts";
import { standingOf, strictestOf } from "./limit-standing.ts";
import { LIFETIME, limitResetsAt, limitWindowAt, localDayAt } from "./limit-window.ts";
import { limitBelowUsageInWords, limitInWords, refusalInWords } from "./limit-words.ts";
import { type CustomerLimit, limitsInForce, planLimitsInForce } from "./limits-in-force.ts";
import { unitTally } from "./limits.testing.ts";
import { drawOn, type Hold, holdStateAt } from "./reservation.ts";

const context = { unit: "requests", meterName: "API requests", currency: "USD", timeZone: "Asia/Kathmandu" };

describe("words", () => {
  test("hard, of a billing period", () => {
    expect(limitInWords({ policy: "HARD", meterKey: "calls", quantity: "100000" }, context)).toBe(
      "Stops at 100,000 requests in each billing period. What would go past it is refused and not billed, until the next billing period begins. A warning comes at 80 %.",
    );
  });
  test("soft, of a property value and a day", () => {
    const property = { name: "model", value: "m-large" };
    const limit = { policy: "SOFT", meterKey: "calls", quantity: "2500.5", period: "DAY", property } as const;
    expect(limitInWords({ ...limit, warnAtPercent: [95, 50] }, context)).toBe(
      "Allows 2,500.5 requests where model is m-large a day (days of Asia/Kathmandu). What goes past it is recorded and billed at the plan's prices. A warning comes at 50 % and 95 %.",
    );
  });
  test("notify, of the whole bill, without a warning", () => {
    expect(limitInWords({ policy: "NOTIFY", amount: "1500.00", warnAtPercent: [] }, context)).toBe(
      "Watches for 1,500.00 USD on the whole bill in each billing period. Nothing is refused; usage past it is recorded and billed as always, and you are told. There is no warning before it.",
    );
  });
  test("a refusal names the limit, what is left, when it resets and how to get more", () => {
    const standing = standingOf(unitTally({ used: "9", held: "0.5", upgrade: "Write to sales@example.com." }));
    expect(refusalInWords(standing, "1", context)).toBe(
      "The plan's hard limit of 10 requests in each billing period does not allow it: 9 used, 0.5 held, 0.5 left, and 1 more would go past it. It resets at 2026-04-01T00:00:00.000Z. Write to sales@example.com.",
    );
  });
  test("a limit below what is used already says what that means", () => {
    const words = limitBelowUsageInWords(standingOf(unitTally({ used: "12" })), context);
    expect(words).toBe(
      "12 requests are used or held already, so from the moment it is saved everything more is refused until 2026-04-01T00:00:00.000Z. What was recorded stays recorded and billed.",
    );
    expect(limitBelowUsageInWords(standingOf(unitTally({ used: "9" })), context)).toBeNull();
  });
});

describe("windows", () => {
  const place = (at: string, timeZone: string) => ({
    at: Date.parse(at),
    timeZone,
    billingPeriod: { startAt: 0, endAt: 1 },
  });
  test("a day begins at the customer's midnight: 18:15 UTC in Kathmandu", () => {
    expect(limitWindowAt("DAY", place("2026-03-10T18:15:00Z", "Asia/Kathmandu"))).toEqual({
      startAt: Date.parse("2026-03-10T18:15:00Z"),
      endAt: Date.parse("2026-03-11T18:15:00Z"),
    });
    expect(limitWindowAt("DAY", place("2026-03-10T18:14:59.999Z", "Asia/Kathmandu")).endAt).toBe(
      Date.parse("2026-03-10T18:15:00Z"),
    );
  });
  test("a day is 23 hours where the clocks go forward", () => {
    const { startAt, endAt } = localDayAt(Date.parse("2026-03-29T12:00:00Z"), "Europe/Berlin");
    expect(endAt - startAt).toBe(DAY_MS - 3_600_000);
  });
  test("an hour is full in UTC, also before 1970", () => {
    expect(limitWindowAt("HOUR", place("2026-03-10T12:59:59.999Z", "Asia/Kathmandu"))).toEqual({
      startAt: Date.parse("2026-03-10T12:00:00Z"),
      endAt: Date.parse("2026-03-10T13:00:00Z"),
    });
    expect(limitWindowAt("HOUR", place("1969-12-31T23:30:00Z", "UTC")).startAt).toBe(-3_600_000);
  });
  test("a lifetime does not reset", () => {
    expect(limitResetsAt("LIFETIME", LIFETIME)).toBeNull();
    expect(limitResetsAt("DAY", { startAt: 0, endAt: 5 })).toBe(5);
  });
});

describe("in force", () => {
  const [plan] = planLimitsInForce([{ policy: "HARD", meterKey: "calls", quantity: "10" }], (index) => `v1.${index}`);
  const own = (id: string, source: CustomerLimit["source"], quantity: string, from = 0, to: number | null = null) =>
    ({
      id,
      source,
      definition: { policy: "HARD", meterKey: "calls", quantity },
      startsAt: from,
      endsAt: to,
    }) as CustomerLimit;
  const ids = (limits: CustomerLimit[], at = 50) =>
    limitsInForce(plan === undefined ? [] : [plan], limits, at).map((one) => one.id);

  test("a customer's own limit holds beside the plan's", () =>
    expect(ids([own("c", "CUSTOMER", "5")])).toEqual(["v1.0", "c"]));
  test("an override stands in place of both, to its end, which is exclusive", () => {
    const limits = [own("c", "CUSTOMER", "5"), own("o", "OVERRIDE", "99", 10, 60)];
    expect(ids(limits, 9)).toEqual(["v1.0", "c"]);
    expect(ids(limits, 10)).toEqual(["o"]);
    expect(ids(limits, 59)).toEqual(["o"]);
    expect(ids(limits, 60)).toEqual(["v1.0", "c"]);
  });
  test("of two overrides the later one holds", () => {
    expect(ids([own("a", "OVERRIDE", "1", 20), own("b", "OVERRIDE", "2", 10)])).toEqual(["a"]);
  });
  test("the strictest is a hard one, then the one with the smallest share left", () => {
    const hard = standingOf(unitTally({ id: "hard", used: "1" }));
    const tight = standingOf(unitTally({ id: "tight", used: "9" }));
    const soft = standingOf(unitTally({ id: "soft", used: "50", policy: "SOFT" }));
    expect(strictestOf([soft, hard, tight])?.limit.id).toBe("tight");
    expect(strictestOf([soft])?.limit.id).toBe("soft");
    expect(strictestOf([])).toBeNull();
  });
});

describe("holds", () => {
  const hold: Hold = {
    kind: "RESERVATION",
    state: "HELD",
    quantity: decimal("5"),
    drawn: decimal("0"),
    expiresAt: 100,
  };
  test("a hold ends at the instant of its expiry", () => {
    expect(holdStateAt(hold, 99)).toBe("HELD");
    expect(holdStateAt(hold, 100)).toBe("EXPIRED");
    expect(holdStateAt({ ...hold, state: "COMMITTED" }, 100)).toBe("COMMITTED");
  });
  test("an ended reservation promises nothing; an ended lease keeps its word and holds nothing", () => {
    expect(drawOn(hold, decimal("3"), 100)).toEqual({ released: decimal("0"), promised: decimal("0") });
    const lease: Hold = { ...hold, kind: "LEASE", drawn: decimal("1") };
    expect(drawOn(lease, decimal("3"), 99)).toEqual({ released: decimal("3"), promised: decimal("4") });
    expect(drawOn(lease, decimal("3"), 100)).toEqual({ released: decimal("0"), promised: decimal("4") });
    expect(drawOn({ ...lease, state: "RELEASED" }, decimal("3"), 50).promised).toEqual(decimal("0"));
  });
});
