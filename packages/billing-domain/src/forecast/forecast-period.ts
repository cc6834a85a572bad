import { type Decimal, formatDecimal, maxDecimal, ZERO } from "../decimal.ts";
import { localWindows } from "../local-window.ts";
import type { Aggregation } from "../meter.ts";
import type { EpochMs, Window } from "../window.ts";
import { type DailyUsage, forecastDays, levelGoesOn } from "./daily-model.ts";
import { dayShape, shareOfDayPassed, weekdayOf } from "./day-shape.ts";
import { bandAround, type EstimateBand, errorSpread } from "./error-band.ts";
import { fromEstimate, toEstimate } from "./estimate.ts";
import { lastingPath } from "./lasting.ts";

/** Usage of one window, as measured; null where nothing was measured and the aggregation then has no value. */
export type ForecastUsage = { startAt: EpochMs; quantity: Decimal | null };

/** What a forecast is made from. */
export type ForecastInput = {
  aggregation: Aggregation;
  period: Window;
  now: EpochMs;
  /** In which days and hours are meant. */
  timeZone: string;
  /** What the period has come to so far, exact. */
  used: Decimal;
  /** Whole local days before today, oldest first, without gaps. */
  days: readonly ForecastUsage[];
  /** Local hours of the last weeks up to now, without gaps; the last may have just begun. */
  hours: readonly ForecastUsage[];
};

/** Where usage of the period will stand at an instant: four times of five between low and high. */
export type ForecastPoint = { at: EpochMs; low: Decimal; expected: Decimal; high: Decimal };

/** How a forecast came about. SO_FAR: of a period that has ended, or with nothing to go by but what has been used. */
export type ForecastMethod = "PATTERN" | "FEW_DAYS" | "LEVEL" | "LASTING" | "SO_FAR";

/** The rest of a billing period. */
export type PeriodForecast = {
  low: Decimal;
  expected: Decimal;
  high: Decimal;
  /** From now to the period's end, a point at the end of each local day; never falls, but for LATEST. */
  path: ForecastPoint[];
  method: ForecastMethod;
  /** Whole days of usage that it was made from. */
  daysKnown: number;
};

/** Days with which a week's shape and the error band can be told. */
export const ENOUGH_DAYS = 14;
/** Days of history that are of use, at most. */
export const MAX_HISTORY_DAYS = 98;
/** Days of hours that the shape of a day is told from. */
export const MAX_HOUR_DAYS = 28;
/** Hours of a first day that say something about the days that follow. */
const LEAST_HOURS = 3;

/**
 * Forecasts what a meter will have counted when the billing period ends. What has been used is exact and stays so; the
 * rest is an estimate with a band that is as wide as such forecasts were wrong before.
 */
export function forecastPeriod(input: ForecastInput): PeriodForecast {
  const { period, now } = input;
  const days = sinceFirstUse(input.days).slice(-MAX_HISTORY_DAYS);
  if (now >= period.endAt) return soFar(input, days.length);
  switch (input.aggregation) {
    case "MAX":
    case "LATEST":
    case "UNIQUE_COUNT":
      return lasting(input, days);
    default:
      return additive(input, days);
  }
}

/** Distinct things need no history; the others have none to go by without days. */
function lasting(input: ForecastInput, days: readonly ForecastUsage[]): PeriodForecast {
  const known = input.aggregation === "UNIQUE_COUNT" ? input.used.gt(ZERO) : days.length > 0;
  if (!known) return soFar(input, days.length);
  return finish(input, lastingPath({ ...input, days }), input.used, "LASTING", days.length);
}

function additive(input: ForecastInput, days: readonly ForecastUsage[]): PeriodForecast {
  const { timeZone, now, period } = input;
  const hours = input.hours.map(({ startAt, quantity }) => ({ startAt, value: estimateOf(quantity) }));
  const shape = dayShape(hours, timeZone);
  const passed = shareOfDayPassed(now, timeZone, shape);
  const known = dailyUsage(days, timeZone);
  const dayStart =
    localWindows({ from: now - 36 * 3_600_000, to: now + 1, grain: "DAY", timeZone }).at(-1)?.startAt ?? now;
  const today = hours.filter((hour) => hour.startAt >= dayStart).reduce((sum, hour) => sum + hour.value, 0);
  if (days.length === 0) {
    // The first day: at the pace of the hours since the first use, if they are enough to speak of a pace.
    const first = hours.find((hour) => hour.value > 0);
    const hoursKnown = first === undefined ? 0 : (now - first.startAt) / 3_600_000;
    if (hoursKnown < LEAST_HOURS) return soFar(input, 0);
    known.values = [(today / hoursKnown) * 24];
    known.weekdays = [weekdayOf(now, timeZone)];
  }
  const model = input.aggregation === "WEIGHTED_SUM" ? levelGoesOn : forecastDays;
  const ahead = localWindows({ from: now, to: period.endAt, grain: "DAY", timeZone });
  const weekdays = ahead.map((window) => weekdayOf(window.startAt, timeZone));
  const expectedDays = model(known, known.values.length, weekdays);
  const spread = errorSpread(known, ahead.length, model);
  const points: (EstimateBand & { at: EpochMs })[] = [];
  let rest = 0;
  let length = 0;
  ahead.forEach((window, index) => {
    const day = Math.max(0, expectedDays[index] ?? 0);
    const from = index === 0 ? passed : 0;
    const to = index === ahead.length - 1 ? endOfLastDay(window, timeZone, shape) : 1;
    const share = Math.max(0, to - from);
    // Today's own pace counts as much as the day has gone.
    const pace = index === 0 ? Math.max(0, today) + (1 - passed) * day : day;
    rest += share * pace;
    length += share;
    points.push({ at: window.endAt, ...bandAround(rest, length, spread) });
  });
  const method = input.aggregation === "WEIGHTED_SUM" ? "LEVEL" : days.length < ENOUGH_DAYS ? "FEW_DAYS" : "PATTERN";
  return finish(input, points, input.used, method, days.length);
}

/** The period may end in the middle of a local day: the anchor is an instant, never a midnight. */
function endOfLastDay(window: Window, timeZone: string, shape: readonly number[]): number {
  const share = shareOfDayPassed(window.endAt, timeZone, shape);
  return share === 0 ? 1 : share;
}

/** Adds the estimated rest to what is exact. Bands never narrow and totals never fall on the way, but for LATEST. */
function finish(
  input: ForecastInput,
  points: readonly (EstimateBand & { at: EpochMs })[],
  base: Decimal,
  method: ForecastMethod,
  daysKnown: number,
): PeriodForecast {
  const isWhole =
    [...input.days, ...input.hours].every(({ quantity }) => quantity === null || isInteger(quantity)) &&
    isInteger(input.used);
  const falls = input.aggregation === "LATEST";
  let last = { low: base, expected: base, high: base };
  const path = points.map((point): ForecastPoint => {
    const absolute = input.aggregation === "MAX" || falls;
    const of = (value: number) => (absolute ? fromEstimate(value, isWhole) : base.plus(fromEstimate(value, isWhole)));
    const next = { low: of(point.low), expected: of(point.expected), high: of(point.high) };
    if (!falls) {
      next.low = maxDecimal(next.low, last.low);
      next.expected = maxDecimal(next.expected, last.expected);
      next.high = maxDecimal(next.high, last.high);
    }
    last = next;
    return { at: point.at, ...next };
  });
  return { ...last, path, method, daysKnown };
}

function soFar({ used, period }: ForecastInput, daysKnown: number): PeriodForecast {
  const point = { low: used, expected: used, high: used };
  return { ...point, path: [{ at: period.endAt, ...point }], method: "SO_FAR", daysKnown };
}

/** Days before a customer's first use say nothing about its usage. */
function sinceFirstUse(days: readonly ForecastUsage[]): readonly ForecastUsage[] {
  const first = days.findIndex(({ quantity }) => quantity !== null && !quantity.eq(ZERO));
  return first < 0 ? [] : days.slice(first);
}

function dailyUsage(days: readonly ForecastUsage[], timeZone: string): { values: number[]; weekdays: number[] } {
  const usage = {
    values: days.map(({ quantity }) => estimateOf(quantity)),
    weekdays: days.map(({ startAt }) => weekdayOf(startAt, timeZone)),
  } satisfies DailyUsage;
  return usage;
}

function estimateOf(value: Decimal | null): number {
  return value === null ? 0 : toEstimate(value);
}

function isInteger(value: Decimal): boolean {
  return !formatDecimal(value).includes(".");
}
