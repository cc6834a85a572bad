import { type Decimal, formatDecimal } from "../decimal.ts";
import type { CrossingBand } from "../alert/alert.ts";
import type { EpochMs } from "../window.ts";
import type { ForecastPoint, PeriodForecast } from "./forecast-period.ts";

/**
 * When usage is expected to cross a threshold in the period: null when it is not expected to, or has already. The band
 * is where the high and the low path cross; a path that does not cross in the period leaves its side open.
 */
export function expectedCrossing(
  forecast: PeriodForecast,
  of: { threshold: Decimal; used: Decimal; now: EpochMs },
): CrossingBand | null {
  if (of.used.gte(of.threshold)) return null;
  const expectedAt = crossingOf(forecast.path, "expected", of);
  if (expectedAt === null) return null;
  return {
    earliestAt: crossingOf(forecast.path, "high", of),
    expectedAt,
    latestAt: crossingOf(forecast.path, "low", of),
  };
}

/** Between two points of a path usage is taken to grow evenly. */
function crossingOf(
  path: readonly ForecastPoint[],
  side: "low" | "expected" | "high",
  { threshold, used, now }: { threshold: Decimal; used: Decimal; now: EpochMs },
): EpochMs | null {
  let before = { at: now, value: used };
  for (const point of path) {
    const value = point[side];
    if (value.gte(threshold)) {
      const share = threshold.minus(before.value).div(value.minus(before.value));
      // A time is no amount: its share of a day may be a float.
      return before.at + Math.round(Number(formatDecimal(share)) * (point.at - before.at));
    }
    before = { at: point.at, value };
  }
  return null;
}
