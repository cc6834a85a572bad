/*
 * What a day of usage will be, from the days before it. Everything here is estimates; see estimate.ts.
 */

/** Days of usage in order, each with its weekday from 0 to 6 (any fixed numbering). */
export type DailyUsage = { values: readonly number[]; weekdays: readonly number[] };

/** Weeks that the shape of a week is learned from. */
const SHAPE_DAYS = 56;
/** By how many average weeks the shape is drawn towards a flat one: little history, a flat week. */
const SHAPE_SHRINKAGE = 3;
/** Days after which a day counts half: a short memory follows a collapse, a long one is calm. */
const HALF_LIVES = [4, 14];
/** Days over which growth is looked at, and how much of it is believed. */
const TREND_WEEKS = 4;
const TREND_DAMPING = 0.4;
/** Growth of a week is never taken to be more than this, up or down. */
const MOST_WEEKLY_GROWTH = 0.25;
/** Days ahead after which growth is no longer counted on. */
const MOST_GROWN_DAYS = 28;

/** What a model says of the days that follow the first `origin` days, one for each weekday given. */
export type DayModel = (days: DailyUsage, origin: number, weekdays: readonly number[]) => number[];

/** A level that is in force goes on: what a WEIGHTED_SUM meter does until somebody changes it. */
export const levelGoesOn: DayModel = ({ values }, origin, weekdays) => weekdays.map(() => values[origin - 1] ?? 0);

/** Expected usage of the days that follow the first `origin` days, one for each weekday given. */
export const forecastDays: DayModel = (days, origin, weekdays) => {
  const shape = weekShape(days, origin);
  const growth = dailyGrowth(days, origin);
  const level = currentLevel(days, origin, shape);
  return weekdays.map(
    (weekday, index) => level * (shape[weekday] ?? 1) * growth ** Math.min(index + 1, MOST_GROWN_DAYS),
  );
};

/** How a weekday compares with the average day, around 1. */
function weekShape({ values, weekdays }: DailyUsage, origin: number): number[] {
  const from = Math.max(0, origin - SHAPE_DAYS);
  const sums = [0, 0, 0, 0, 0, 0, 0];
  const counts = [0, 0, 0, 0, 0, 0, 0];
  let sum = 0;
  for (let index = from; index < origin; index += 1) {
    const weekday = weekdays[index] ?? 0;
    // Against the week around the day, so that growth is not taken for a weekday.
    const around = meanBetween(values, Math.max(from, index - 3), Math.min(origin, index + 4));
    const ratio = around > 0 ? (values[index] ?? 0) / around : 1;
    sums[weekday] = (sums[weekday] ?? 0) + ratio;
    counts[weekday] = (counts[weekday] ?? 0) + 1;
    sum += ratio;
  }
  const mean = origin > from && sum > 0 ? sum / (origin - from) : 1;
  const shape = sums.map((one, weekday) => {
    const count = counts[weekday] ?? 0;
    return (one / mean + SHAPE_SHRINKAGE) / (count + SHAPE_SHRINKAGE);
  });
  const average = shape.reduce((total, one) => total + one, 0) / 7;
  return shape.map((one) => one / average);
}

/** The average day as it is now, without the shape of the week: the mean of memories of several lengths. */
function currentLevel({ values, weekdays }: DailyUsage, origin: number, shape: readonly number[]): number {
  let sum = 0;
  for (const halfLife of HALF_LIVES) {
    let weights = 0;
    let weighted = 0;
    let shaped = 0;
    for (let index = Math.max(0, origin - 5 * halfLife); index < origin; index += 1) {
      const weight = 0.5 ** ((origin - 1 - index) / halfLife);
      weights += weight;
      weighted += weight * (values[index] ?? 0);
      shaped += weight * (shape[weekdays[index] ?? 0] ?? 1);
    }
    sum += weights > 0 && shaped > 0 ? weighted / shaped : 0;
  }
  return sum / HALF_LIVES.length;
}

/** Growth a day, near 1: of the last four weeks against each other, part of it believed. */
function dailyGrowth({ values }: DailyUsage, origin: number): number {
  if (origin < TREND_WEEKS * 7) return 1;
  const weeks = Array.from({ length: TREND_WEEKS }, (_, back) =>
    meanBetween(values, origin - (back + 1) * 7, origin - back * 7),
  ).reverse();
  if (weeks.some((week) => week <= 0)) return 1;
  // Theil and Sen: the median of the slopes between all pairs of weeks, which one odd week does not move.
  const slopes: number[] = [];
  for (let left = 0; left < weeks.length; left += 1) {
    for (let right = left + 1; right < weeks.length; right += 1) {
      slopes.push(Math.log((weeks[right] ?? 1) / (weeks[left] ?? 1)) / (right - left));
    }
  }
  const weekly = Math.max(-MOST_WEEKLY_GROWTH, Math.min(MOST_WEEKLY_GROWTH, medianOf(slopes))) * TREND_DAMPING;
  return Math.exp(weekly / 7);
}

function meanBetween(values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index += 1) sum += values[index] ?? 0;
  return to > from ? sum / (to - from) : 0;
}

/** The middle of a list; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
