import type { EpochMs } from "./window.ts";

/** An instant read from text, or why it is not one, with the way to put it right. */
export type ParsedInstant = { ok: true; at: EpochMs } | { ok: false; message: string };

/** RFC 3339; "t" and "z" may be lower case (its section 5.6). At most 12 digits of a second. */
const RFC_3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,12}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/;
const WITHOUT_OFFSET = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9:.]*)?$/;

const MINUTE_MS = 60_000;
const EXAMPLE = '"2026-11-23T09:30:00Z" or "2026-11-23T15:15:00.250+05:45"';

/**
 * Reads an RFC 3339 timestamp with an offset. Digits past the millisecond are cut off, never rounded, so that an
 * instant cannot move into the next window. A leap second (23:59:60 UTC) becomes the last millisecond of its day.
 */
export function parseInstant(text: string): ParsedInstant {
  const match = typeof text === "string" && text.length <= 40 ? RFC_3339.exec(text) : null;
  if (match === null) return { ok: false, message: formatFault(text) };
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    return { ok: false, message: `"${text}" is not a date of the calendar. Send an existing day, such as ${EXAMPLE}.` };
  }
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6]);
  const offsetHour = match[9] === undefined ? 0 : Number(match[9]);
  const offsetMinute = match[10] === undefined ? 0 : Number(match[10]);
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) {
    return {
      ok: false,
      message: `"${text}" is not a time of day. Hours run from 00 to 23, minutes and seconds to 59.`,
    };
  }
  const fraction = match[7];
  const millisecond = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0"));
  const offsetMs = (match[8] === "-" ? -1 : 1) * (offsetHour * 60 + offsetMinute) * MINUTE_MS;
  const minuteAt = utcMidnight(year, month, day) + (hour * 60 + minute) * MINUTE_MS - offsetMs;
  if (second < 60) return { ok: true, at: minuteAt + second * 1000 + millisecond };
  // Leap seconds are inserted only at the end of a UTC day.
  if ((minuteAt + MINUTE_MS) % (1440 * MINUTE_MS) === 0) return { ok: true, at: minuteAt + MINUTE_MS - 1 };
  return { ok: false, message: `"${text}" has second 60 where no leap second can be. Seconds run from 00 to 59.` };
}

function formatFault(text: unknown): string {
  if (typeof text !== "string") return `A timestamp must be text, such as ${EXAMPLE}.`;
  const shown = text.slice(0, 50);
  if (WITHOUT_OFFSET.test(text)) {
    return `"${shown}" does not say its offset from UTC. Send date, time and offset, such as ${EXAMPLE}.`;
  }
  return `"${shown}" is not an RFC 3339 timestamp. Send date, time and offset, such as ${EXAMPLE}.`;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Milliseconds to the start of a day; `Date.UTC` alone reads years below 100 as 19xx. */
function utcMidnight(year: number, month: number, day: number): EpochMs {
  return year >= 100 ? Date.UTC(year, month - 1, day) : new Date(0).setUTCFullYear(year, month - 1, day);
}
