import { type DailyUsage, type DayModel } from "./daily-model.ts";

/*
 * How wrong the model has been for this very customer: forecasts are made for days that have passed, and compared with
 * what came. The band of a forecast is made of that, so it is wide where usage is wild and narrow where it is steady.
 * Everything here is estimates; see estimate.ts. The constants were set on the 24 series of forecast-dev.
 */

/** Forecasts made in the past, at most; each for as many days as are known after it. */
const MOST_ORIGINS = 56;
/** Days that are too few to have made a forecast from. */
const LEAST_DAYS_BEFORE = 7;
/** Taken for a customer of whom nothing is known: a fifth off after one day, more with every further day. */
const PRIOR_SPREAD = 0.2;
const PRIOR_GROWTH = 0.05;
/** How many independent forecasts the prior counts as. */
const PRIOR_WEIGHT = 0.5;
/** Days of history that halve the variance which the prior has too much with none. */
const PRIOR_DAYS = 14;
/** A part of an average day, so that nothing against nothing is no error, and little against nothing no infinite one. */
const FLOOR_SHARE = 0.25;
/** Standard deviations to each side: the band holds four outcomes of five. */
const BAND_WIDTH = 1.2816;

/** The band around an estimate. */
export type EstimateBand = { low: number; expected: number; high: number };

/** How far the total of the first 1, 2, … days after the known ones may be off. */
export type ErrorSpread = { spreads: readonly number[]; floor: number };

/** Measures, at every number of days up to `horizon`, how far the model was off (a standard deviation of logarithms). */
export function errorSpread(days: DailyUsage, horizon: number, model: DayModel): ErrorSpread {
  const known = days.values.length;
  const squares = Array.from({ length: horizon }, () => 0);
  const counts = Array.from({ length: horizon }, () => 0);
  const floor = FLOOR_SHARE * averageOf(days.values.slice(-MOST_ORIGINS));
  for (let past = Math.max(LEAST_DAYS_BEFORE, known - MOST_ORIGINS); past < known && floor > 0; past += 1) {
    const length = Math.min(horizon, known - past);
    const forecast = model(days, past, days.weekdays.slice(past, past + length));
    let expected = 0;
    let actual = 0;
    for (let index = 0; index < length; index += 1) {
      expected += forecast[index] ?? 0;
      actual += days.values[past + index] ?? 0;
      const error = Math.log((Math.max(0, actual) + floor) / (Math.max(0, expected) + floor));
      squares[index] = (squares[index] ?? 0) + error * error;
      counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  const scarcity = Math.sqrt(1 + PRIOR_DAYS / Math.max(1, known));
  const spreads = squares.map((sum, index) => {
    const count = counts[index] ?? 0;
    const prior = (PRIOR_SPREAD + PRIOR_GROWTH * Math.log(index + 1)) * scarcity;
    // Forecasts that overlap are wrong together: 20 of 20 days each say little more than one.
    const independent = count / (index + 1);
    const variance = count > 0 ? sum / count : 0;
    return Math.sqrt((independent * variance + PRIOR_WEIGHT * prior * prior) / (independent + PRIOR_WEIGHT));
  });
  return { spreads, floor };
}

/** The band around the expected total of the next `days` days, which need not be whole. */
export function bandAround(expected: number, days: number, { spreads, floor }: ErrorSpread): EstimateBand {
  const index = Math.max(0, Math.min(spreads.length, Math.ceil(days)) - 1);
  const factor = Math.exp(BAND_WIDTH * (spreads[index] ?? PRIOR_SPREAD));
  // Of less than a day only a part of the floor counts, or the last hour of a period would have a day's doubt.
  const doubt = floor * Math.min(1, days);
  return {
    low: Math.max(0, (expected + doubt) / factor - doubt),
    expected,
    high: (expected + doubt) * factor - doubt,
  };
}

function averageOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + Math.max(0, value), 0) / values.length;
}
