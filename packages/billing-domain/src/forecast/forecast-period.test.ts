import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimal, formatDecimal } from "../decimal.ts";
import { DAY_MS } from "../window.ts";
import { expectedCrossing } from "./crossing.ts";
import { type ForecastInput, type ForecastUsage, forecastPeriod } from "./forecast-period.ts";

// March 2026 begins on a Sunday.
const march = { startAt: Date.UTC(2026, 2, 1), endAt: Date.UTC(2026, 3, 1) };
const dayOf = (day: number) => Date.UTC(2026, 2, day);

/** `count` whole days before `now`, of what `unitsOn` says for the day's start. */
function history(now: number, count: number, unitsOn: (at: number) => string): ForecastUsage[] {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  return Array.from({ length: count }, (_, index) => {
    const startAt = today - (count - index) * DAY_MS;
    return { startAt, quantity: decimal(unitsOn(startAt)) };
  });
}

function input(overrides: Partial<ForecastInput> = {}): ForecastInput {
  const now = dayOf(11);
  return {
    aggregation: "SUM",
    period: march,
    now,
    timeZone: "UTC",
    used: decimal("1000"),
    days: history(now, 42, () => "100"),
    hours: [],
    ...overrides,
  };
}

const texts = ({ low, expected, high }: ReturnType<typeof forecastPeriod>) => [low, expected, high].map(formatDecimal);

describe("forecastPeriod", () => {
  it("steady usage goes on: 1,000 by the 11th at 100 a day is 3,100 at the end of March", () => {
    const forecast = forecastPeriod(input());
    expect([formatDecimal(forecast.expected), forecast.method, forecast.daysKnown]).toEqual(["3100", "PATTERN", 42]);
  });

  it("the band holds what is expected and widens with the horizon", () => {
    const { path } = forecastPeriod(input());
    expect(path).toHaveLength(21);
    const widths = path.map((point) => point.high.minus(point.low));
    widths.slice(1).forEach((width, index) => expect(width.gte(widths[index] ?? width)).toBe(true));
    expect(path.every((point) => point.low.lte(point.expected) && point.expected.lte(point.high))).toBe(true);
  });

  it("weekends without usage stay without: 15 working days are left of 21", () => {
    const now = dayOf(11);
    const weekday = (at: number) => (new Date(at).getUTCDay() % 6 === 0 ? "0" : "100");
    const forecast = forecastPeriod(input({ days: history(now, 56, weekday), used: decimal("700") }));
    // From Wednesday the 11th to Tuesday the 31st there are 15 working days; 8 weeks draw the week's shape 3 parts flat.
    expect(forecast.expected.gte("2100")).toBe(true);
    expect(forecast.expected.lte("2320")).toBe(true);
  });

  it("usage that doubles every four weeks goes on growing", () => {
    const now = dayOf(11);
    const grown = (at: number) => (100 * 2 ** ((at - now) / (28 * DAY_MS))).toFixed(0);
    const forecast = forecastPeriod(input({ days: history(now, 70, grown), used: decimal("890") }));
    // The last two weeks were 84 a day; 21 more such days would end at 2,654.
    expect(forecast.expected.gt("2654")).toBe(true);
  });

  it("units that are whole are forecast whole, and fractions to six decimals at most", () => {
    const now = dayOf(11);
    const odd = (at: number) => String(97 + ((at / DAY_MS) % 5));
    expect(texts(forecastPeriod(input({ days: history(now, 40, odd) }))).join("")).not.toContain(".");
    const fractions = forecastPeriod(input({ days: history(now, 40, (at) => `${odd(at)}.25`) }));
    expect(formatDecimal(fractions.expected)).toMatch(/^\d+\.\d{1,6}$/);
  });

  it("a few days of history forecast with a band that says so", () => {
    const now = dayOf(11);
    const few = forecastPeriod(input({ days: history(now, 3, () => "100"), used: decimal("300") }));
    const many = forecastPeriod(input());
    expect(few.method).toBe("FEW_DAYS");
    expect(few.high.minus(few.low).gt(many.high.minus(many.low).times("2"))).toBe(true);
  });

  it("nothing used yet forecasts nothing", () => {
    const forecast = forecastPeriod(input({ days: history(dayOf(11), 30, () => "0"), used: decimal("0") }));
    expect([...texts(forecast), forecast.method]).toEqual(["0", "0", "0", "SO_FAR"]);
  });

  it("a period that has ended is what it came to", () => {
    const forecast = forecastPeriod(input({ now: march.endAt }));
    expect([...texts(forecast), forecast.method]).toEqual(["1000", "1000", "1000", "SO_FAR"]);
  });

  it("usage in one day of ten keeps a band that holds what comes: twice more in 21 days", () => {
    const now = dayOf(11);
    const rare = (at: number) => ((at / DAY_MS) % 10 === 0 ? "500" : "0");
    const forecast = forecastPeriod(input({ days: history(now, 90, rare), used: decimal("500") }));
    expect(forecast.low.lt("1500")).toBe(true);
    expect(forecast.high.gt("1500")).toBe(true);
  });

  it("today counts by the hours that have passed", () => {
    const now = dayOf(11) + 12 * 3_600_000;
    const hours = Array.from({ length: 15 * 24 - 12 }, (_, index) => {
      const startAt = dayOf(11) - 14 * DAY_MS + index * 3_600_000;
      // All of a day's usage falls into its first half.
      return { startAt, quantity: decimal(new Date(startAt).getUTCHours() < 10 ? "10" : "0") };
    });
    const forecast = forecastPeriod(input({ now, hours, used: decimal("1100"), days: history(now, 42, () => "100") }));
    // Twenty full days remain, and of today about a twentieth (the shape is one part in ten flat).
    expect(forecast.expected.gte("3100")).toBe(true);
    expect(forecast.expected.lte("3110")).toBe(true);
  });

  it("a level goes on: 10 seats for the 504 hours that are left", () => {
    const forecast = forecastPeriod(
      input({ aggregation: "WEIGHTED_SUM", days: history(dayOf(11), 20, () => "240"), used: decimal("2400") }),
    );
    expect([formatDecimal(forecast.expected), forecast.method]).toEqual(["7440", "LEVEL"]);
  });

  it("MAX stays at least where it is, LATEST stays, UNIQUE_COUNT grows more slowly than time", () => {
    const max = forecastPeriod(input({ aggregation: "MAX", used: decimal("120") }));
    expect(texts(max)).toEqual(["120", "120", "120"]);
    expect(texts(forecastPeriod(input({ aggregation: "LATEST", used: decimal("80") })))).toEqual(["80", "80", "80"]);
    const distinct = forecastPeriod(input({ aggregation: "UNIQUE_COUNT", used: decimal("100") }));
    expect(distinct.low.eq("100")).toBe(true);
    expect(distinct.expected.gt("150") && distinct.expected.lt("200")).toBe(true);
  });

  it("any history: what is used stays, low is at most expected, expected at most high, and totals never fall", () => {
    const usage = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        usage,
        fc.integer({ min: 0, max: 30 * 24 - 1 }),
        fc.integer({ min: 0, max: 9_999 }),
        (units, hour, used) => {
          const now = march.startAt + hour * 3_600_000;
          const days = history(now, units.length, () => "0").map((day, index) => ({
            ...day,
            quantity: decimal(String(units[index] ?? 0)),
          }));
          const forecast = forecastPeriod(input({ now, days, used: decimal(String(used)) }));
          let before = decimal(String(used));
          for (const point of forecast.path) {
            expect(point.low.lte(point.expected) && point.expected.lte(point.high)).toBe(true);
            expect(point.low.gte(String(used)) && point.expected.gte(before)).toBe(true);
            before = point.expected;
          }
          expect(forecast.path.at(-1)?.at).toBe(march.endAt);
        },
      ),
    );
  });
});

describe("expectedCrossing", () => {
  it("at 100 a day from 1,000 on the 11th, 2,000 is crossed on the 21st, with days to both sides", () => {
    const now = dayOf(11);
    const crossing = expectedCrossing(forecastPeriod(input()), {
      threshold: decimal("2000"),
      used: decimal("1000"),
      now,
    });
    expect(crossing?.expectedAt).toBe(dayOf(21));
    expect(crossing?.earliestAt).toBeLessThan(dayOf(21));
    expect(crossing?.latestAt).toBeGreaterThan(dayOf(21));
  });

  it("what is not expected in the period, and what has been crossed, is null", () => {
    const of = (threshold: string) =>
      expectedCrossing(forecastPeriod(input()), {
        threshold: decimal(threshold),
        used: decimal("1000"),
        now: dayOf(11),
      });
    expect(of("3101")).toBeNull();
    expect(of("1000")).toBeNull();
    expect(of("3100")?.expectedAt).toBe(march.endAt);
  });
});
