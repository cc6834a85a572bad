/**
 * The calendar in integers. Usage events look up a date or two each, and `Date` is several times slower than these few
 * divisions. The year is taken to begin in March, so that the leap day is its last and month lengths follow a straight line.
 */

/** A day of the proleptic Gregorian calendar in UTC; months and days count from 1. */
export type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

/** Days of a 400-year cycle, after which the calendar repeats. */
const CYCLE_DAYS = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;

/** Days from 1970-01-01 to the date, negative before it. The day may lie outside the month; it is simply counted on. */
export function daysOfDate({ year, month, day }: CivilDate): number {
  const marchYear = month > 2 ? year : year - 1;
  const cycle = Math.floor(marchYear / 400);
  const yearOfCycle = marchYear - cycle * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfCycle = yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return cycle * CYCLE_DAYS + dayOfCycle - EPOCH_DAYS;
}

/** The date a number of days from 1970-01-01. */
export function dateOfDays(days: number): CivilDate {
  const shifted = days + EPOCH_DAYS;
  const cycle = Math.floor(shifted / CYCLE_DAYS);
  const dayOfCycle = shifted - cycle * CYCLE_DAYS;
  // The last day of 4 years, of 100 years and of 400 years would each spill into a year too many.
  const leapDays =
    Math.floor(dayOfCycle / 1_460) - Math.floor(dayOfCycle / 36_524) + Math.floor(dayOfCycle / (CYCLE_DAYS - 1));
  const yearOfCycle = Math.floor((dayOfCycle - leapDays) / 365);
  const dayOfYear = dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Days of a month: 28 to 31. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
