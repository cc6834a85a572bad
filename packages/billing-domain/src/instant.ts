import { daysInMonth, daysOfDate } from "./civil-date.ts";
import { DAY_MS, type EpochMs } from "./window.ts";

/** An instant read from text, or why it is not one, with the way to put it right. */
export type ParsedInstant = { ok: true; at: EpochMs } | { ok: false; message: string };

const MINUTE_MS = 60_000;
const MAX_FRACTION_DIGITS = 12;
const EXAMPLE = '"2026-11-23T09:30:00Z" or "2026-11-23T15:15:00.250+05:45"';

/**
 * Reads an RFC 3339 timestamp with an offset; "t" and "z" may be lower case (its section 5.6). Digits past the
 * millisecond are cut off, never rounded, so that an instant cannot move into the next window. A leap second
 * (23:59:60 UTC) becomes the last millisecond of its day. Read by position, not by pattern: it runs for every event.
 */
export function parseInstant(text: string): ParsedInstant {
  if (typeof text !== "string" || !isDateAndTime(text)) return refused(shapeFault(text));
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  const second = digitsAt(text, 17, 2);
  const offsetFrom = endOfFraction(text);
  const offsetMinutes = offsetMinutesAt(text, offsetFrom);
  if (Number.isNaN(year + month + day + hour + minute + second + offsetMinutes)) return refused(shapeFault(text));
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    return refused(`"${text}" is not a date of the calendar. Send an existing day, such as ${EXAMPLE}.`);
  }
  if (hour > 23 || minute > 59 || second > 60) {
    return refused(`"${text}" is not a time of day. Hours run from 00 to 23, minutes and seconds from 00 to 59.`);
  }
  const minuteAt = daysOfDate({ year, month, day }) * DAY_MS + (hour * 60 + minute - offsetMinutes) * MINUTE_MS;
  if (second < 60) return { ok: true, at: minuteAt + second * 1000 + millisecondsAt(text, offsetFrom) };
  // Leap seconds are inserted only at the end of a UTC day.
  if ((minuteAt + MINUTE_MS) % DAY_MS === 0) return { ok: true, at: minuteAt + MINUTE_MS - 1 };
  return refused(`"${text}" has second 60 where no leap second can be. Seconds run from 00 to 59.`);
}

function refused(message: string): ParsedInstant {
  return { ok: false, message };
}

/** Whether the separators of date and time are in place. */
function isDateAndTime(text: string): boolean {
  const middle = text[10];
  return (
    text[4] === "-" && text[7] === "-" && (middle === "T" || middle === "t") && text[13] === ":" && text[16] === ":"
  );
}

/** The number in `count` digits; NaN when one of them is none. */
function digitsAt(text: string, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Where the offset must begin: behind the seconds, and behind a fraction of 1 to 12 digits if there is one. */
function endOfFraction(text: string): number {
  if (text[19] !== ".") return 19;
  let index = 20;
  while (index < 20 + MAX_FRACTION_DIGITS && !Number.isNaN(digitsAt(text, index, 1))) index += 1;
  return index === 20 ? 19 : index;
}

function millisecondsAt(text: string, fractionEnd: number): number {
  let value = 0;
  for (let index = 20; index < 23; index += 1)
    value = value * 10 + (index < fractionEnd ? digitsAt(text, index, 1) : 0);
  return value;
}

/** Minutes that local time is ahead of UTC; NaN when the text does not end in an offset. */
function offsetMinutesAt(text: string, from: number): number {
  const sign = text[from];
  if ((sign === "Z" || sign === "z") && text.length === from + 1) return 0;
  if ((sign !== "+" && sign !== "-") || text[from + 3] !== ":" || text.length !== from + 6) return Number.NaN;
  const hours = digitsAt(text, from + 1, 2);
  const minutes = digitsAt(text, from + 4, 2);
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (sign === "-" ? -1 : 1) * (hours * 60 + minutes);
}

function shapeFault(text: unknown): string {
  if (typeof text !== "string") return `A timestamp must be text, such as ${EXAMPLE}.`;
  const shown = text.slice(0, 50);
  if (/^\d{4}-\d{2}-\d{2}(?:[Tt ][\d:.]*)?$/.test(shown)) {
    return `"${shown}" does not say its offset from UTC. Send date, time and offset, such as ${EXAMPLE}.`;
  }
  return `"${shown}" is not an RFC 3339 timestamp. Send date, time and offset, such as ${EXAMPLE}.`;
}
