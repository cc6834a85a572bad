import { describe, expect, it } from "vitest";
import { decimal } from "../decimal.ts";
import type { Alert } from "./alert.ts";
import { alertWords, crossingWords, moneyWords } from "./alert-words.ts";
import { previewWords } from "./preview.ts";

const at = (text: string) => Date.parse(text);
const alert = (overrides: Partial<Alert> = {}): Alert => ({
  kind: "THRESHOLD",
  basis: "ALLOWANCE",
  severity: "WARNING",
  meterKey: "calls",
  thresholdKey: "80 %",
  percent: decimal("80"),
  basisValue: decimal("1000000"),
  thresholdValue: decimal("800000"),
  crossingValue: decimal("800012"),
  currency: null,
  period: { startAt: at("2026-11-01T00:00:00Z"), endAt: at("2026-12-01T00:00:00Z") },
  crossedAt: at("2026-11-20T10:00:00Z"),
  expected: null,
  ...overrides,
});
const reading = { timeZone: "America/New_York", meter: { name: "API requests", unit: "requests", aggregation: "SUM" } };

describe("alertWords", () => {
  it("a share of the allowance, in the reader's zone", () => {
    expect(alertWords(alert(), reading)).toEqual({
      title: "API requests: 80 % of the 1,000,000 requests included",
      text: "800,012 requests used, past 80 % of the 1,000,000 requests included. Counting begins anew on 30 Nov at 19:00.",
    });
  });

  it("the whole allowance is used up, and nothing is refused", () => {
    const whole = { percent: decimal("100"), thresholdValue: decimal("1000000"), crossingValue: decimal("1000007") };
    expect(alertWords(alert(whole), reading)).toEqual({
      title: "API requests: the 1,000,000 requests included are used up",
      text: "1,000,007 requests used; nothing is left of the 1,000,000 requests included. Counting begins anew on 30 Nov at 19:00.",
    });
  });

  it("of a level held over time, counts its unit times hours", () => {
    const storage = { name: "Storage", unit: "GB", aggregation: "WEIGHTED_SUM" };
    const used = alert({ crossingValue: decimal("800012.158888888889") });
    const { title, text } = alertWords(used, { ...reading, meter: storage });
    expect(title).toBe("Storage: 80 % of the 1,000,000 GB-hours included");
    // Read, not reckoned with: three decimals.
    expect(text).toContain("800,012.159 GB-hours used");
  });

  it("a hard limit that is reached says that usage is refused", () => {
    const reached = { thresholdValue: decimal("1000000"), crossingValue: decimal("1000000") };
    const hard = { basis: "LIMIT", severity: "CRITICAL", percent: decimal("100") } as const;
    const words = alertWords(alert({ ...hard, ...reached }), reading);
    expect(words.title).toBe("API requests: the limit of 1,000,000 requests reached");
    expect(words.text).toContain("More usage is refused until then");
  });

  it("one that refuses before its last unit is used says so", () => {
    const refused = { basis: "LIMIT", severity: "CRITICAL", percent: decimal("100") } as const;
    const words = alertWords(alert({ ...refused, thresholdValue: decimal("1000000") }), reading);
    expect(words.text).toContain("800,012 requests used, and what was asked for did not fit into the limit");
  });

  it("a budget of the whole bill is money", () => {
    const budget = alert({
      kind: "BUDGET",
      basis: "MONEY",
      meterKey: null,
      currency: "USD",
      percent: decimal("50"),
      basisValue: decimal("2500.5"),
      thresholdValue: decimal("1250.25"),
      crossingValue: decimal("1300"),
    });
    const { title, text } = alertWords(budget, { ...reading, meter: null });
    expect(title).toBe("Your bill: 50 % of the budget of $2,500.50");
    expect(text).toContain("$1,300.00 used");
  });

  it("a forecast says when, and how sure it is", () => {
    const expected = {
      earliestAt: at("2026-11-19T12:00:00Z"),
      expectedAt: at("2026-11-23T12:00:00Z"),
      latestAt: at("2026-11-26T12:00:00Z"),
    };
    const words = alertWords(alert({ kind: "FORECAST", thresholdValue: decimal("1000000"), expected }), reading);
    expect(words.text).toContain("At this pace you cross 1,000,000 requests on about 23 Nov (19th–26th).");
  });
});

describe("crossingWords", () => {
  const expectedAt = at("2026-11-23T12:00:00Z");
  it("a band that is open says that it may not come to it, and one of a day is no band", () => {
    expect(crossingWords({ earliestAt: at("2026-11-21T12:00:00Z"), expectedAt, latestAt: null }, "UTC")).toBe(
      "on about 23 Nov (21st at the earliest, or not in this period)",
    );
    expect(crossingWords({ earliestAt: expectedAt, expectedAt, latestAt: expectedAt }, "UTC")).toBe("on about 23 Nov");
  });
});

describe("other words", () => {
  it("money has its currency's decimals", () => {
    expect(moneyWords(decimal("1234.5"), "JPY")).toBe("¥1,235");
    expect(moneyWords(decimal("0.0005"), "KWD")).toBe("KWD 0.001");
  });

  it("a preview names the days, once each and in order", () => {
    const days = ["2026-10-17T01:00:00Z", "2026-10-09T01:00:00Z", "2026-10-09T05:00:00Z"].map(at);
    expect(previewWords(days, "UTC", "October")).toBe(
      "On the usage of October this would have fired on the 9th and the 17th.",
    );
    expect(previewWords([], "UTC", "October")).toBe("On the usage of October this would not have fired.");
  });
});
