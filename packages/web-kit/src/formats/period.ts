import { formatInstant, isLocalMidnight, zoneName } from "./instant.ts";
import { LOCALE, remembered } from "./locale.ts";

/** A window as the API sends it: start inclusive, end exclusive. */
export type WindowText = { readonly start: string; readonly end: string };

const DAY_MS = 86_400_000;

const rangeFormat = remembered((key) => {
  const [locale, timeZone] = key.split("|") as [string, string];
  return new Intl.DateTimeFormat(locale, { timeZone, day: "numeric", month: "short", year: "numeric" });
});

/**
 * A half-open window as people say it: whole days in the zone as an inclusive range ("1 – 30 Nov 2026"), and otherwise
 * with its times and zone ("31 Oct 2026, 17:00 to 30 Nov 2026, 16:00 (GMT-8)"), because "1 – 30 Nov" would then be untrue.
 */
export function formatPeriod(
  window: WindowText,
  { timeZone, locale = LOCALE }: { timeZone: string; locale?: string },
): string {
  if (isLocalMidnight(window.start, timeZone) && isLocalMidnight(window.end, timeZone)) {
    const lastMoment = new Date(Date.parse(window.end) - 1);
    return rangeFormat(`${locale}|${timeZone}`).formatRange(new Date(window.start), lastMoment);
  }
  const start = formatInstant(window.start, { timeZone, locale });
  const end = formatInstant(window.end, { timeZone, locale });
  return `${start} to ${end} (${zoneName(window.end, timeZone, { locale })})`;
}

/** When an exclusive end takes effect: "1 Dec 2026" at local midnight, else with the time: "30 Nov 2026, 16:00". */
export function formatBoundary(
  instant: string,
  { timeZone, locale = LOCALE }: { timeZone: string; locale?: string },
): string {
  return formatInstant(instant, { timeZone, locale, detail: isLocalMidnight(instant, timeZone) ? "day" : "minute" });
}

/** How far a period has run: the day that `now` is in, counted from 1, of the days it has (a part day counts as one). */
export function dayOfPeriod(window: WindowText, now: number): { day: number; days: number } {
  const start = Date.parse(window.start);
  const days = Math.max(1, Math.ceil((Date.parse(window.end) - start) / DAY_MS));
  return { day: Math.min(days, Math.max(1, Math.floor((now - start) / DAY_MS) + 1)), days };
}

/** The last instant inside a window that is before it: asking for the period at this instant gives the preceding period. */
export function instantBefore(instant: string): string {
  return new Date(Date.parse(instant) - 1).toISOString();
}
