import { Temporal } from "temporal-polyfill";
import type { EpochMs, Window } from "./window.ts";

/** A bar of a chart, in the customer's time zone. Weeks start on Monday. */
export type Grain = "HOUR" | "DAY" | "WEEK" | "MONTH";

/** Every grain, shortest first. */
export const GRAINS: readonly Grain[] = ["HOUR", "DAY", "WEEK", "MONTH"];

/** Windows answered at most; a year has 8,784 hours. */
export const MAX_LOCAL_WINDOWS = 10_000;

/** A stretch [from, to) of time to cut up by the clock on the wall in `timeZone`. */
export type LocalWindowRequest = {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly grain: Grain;
  /** An IANA name, such as "Asia/Kathmandu". */
  readonly timeZone: string;
};

/**
 * The local hours, days, weeks or months that cover [from, to), in order, without gap or overlap; the first and last
 * are clipped to it. None when `from` is not before `to`. A day is 23 or 25 hours where the clocks change. An hour ends
 * at the next full hour on the wall or where the clocks change, so an hour that is repeated is two windows.
 * @throws RangeError past 10,000 windows, or when the time zone is not known.
 */
export function localWindows(request: LocalWindowRequest): Window[] {
  const { from, to, timeZone } = request;
  const windows: Window[] = [];
  if (!(from < to)) return windows;
  const boundaries = request.grain === "HOUR" ? hourBoundaries(from, timeZone) : dateBoundaries(request);
  let startAt = from;
  for (const boundaryAt of boundaries) {
    // A boundary that does not advance is a day that the zone skipped, as Samoa did with 30 December 2011.
    if (boundaryAt <= startAt) continue;
    if (windows.length === MAX_LOCAL_WINDOWS) {
      throw new RangeError(`More than ${MAX_LOCAL_WINDOWS} windows. Ask for a shorter time or a coarser grain.`);
    }
    const endAt = Math.min(boundaryAt, to);
    windows.push({ startAt, endAt });
    if (endAt === to) break;
    startAt = endAt;
  }
  return windows;
}

/** Whether the name is an IANA time zone known here, such as "Europe/Berlin" or "UTC". Offsets like "+01:00" are not. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    // The only complaint it can have about a well-formed name is that it does not know the zone.
    return false;
  }
}

/** Starts of local days, Mondays or months after `from`, endless: the caller stops. */
function* dateBoundaries({ from, grain, timeZone }: LocalWindowRequest): Generator<EpochMs> {
  const today = zoned(from, timeZone).toPlainDate();
  const first =
    grain === "MONTH"
      ? today.with({ day: 1 })
      : grain === "WEEK"
        ? today.subtract({ days: today.dayOfWeek - 1 })
        : today;
  for (let index = 1; ; index += 1) {
    const date =
      grain === "MONTH" ? first.add({ months: index }) : first.add({ days: index * (grain === "WEEK" ? 7 : 1) });
    // Without a time this is the start of the day, which need not be midnight.
    yield date.toZonedDateTime(timeZone).epochMilliseconds;
  }
}

/** Full local hours and clock changes after `from`, endless. Between two changes the offset is fixed, so it is addition. */
function* hourBoundaries(from: EpochMs, timeZone: string): Generator<EpochMs> {
  const hourMs = 3_600_000;
  for (let at = from; ; ) {
    const start = zoned(at, timeZone);
    const offsetMs = start.offsetNanoseconds / 1_000_000;
    const changeAt = start.getTimeZoneTransition("next")?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
    let boundaryAt = Math.floor((at + offsetMs) / hourMs) * hourMs - offsetMs + hourMs;
    for (; boundaryAt < changeAt; boundaryAt += hourMs) yield boundaryAt;
    yield changeAt;
    at = changeAt;
  }
}

function zoned(at: EpochMs, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
}
