import { LOCALE, remembered } from "./locale.ts";

/** How much of an instant is shown. "day" is the calendar day in the zone; "exact" has milliseconds, as events are ordered by them. */
export type InstantDetail = "day" | "weekday" | "minute" | "second" | "exact";

const OPTIONS: Record<InstantDetail, Intl.DateTimeFormatOptions> = {
  day: { day: "numeric", month: "short", year: "numeric" },
  weekday: { weekday: "short", day: "numeric", month: "short" },
  minute: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  second: {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  },
  exact: {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  },
};

const instantFormat = remembered((key) => {
  const [locale, timeZone, detail] = key.split("|") as [string, string, InstantDetail];
  return new Intl.DateTimeFormat(locale, { timeZone, ...OPTIONS[detail] });
});

const zoneFormat = remembered((key) => {
  const [locale, timeZone] = key.split("|") as [string, string];
  return new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "short", year: "numeric" });
});

const clockFormat = remembered((key) => {
  const [locale, timeZone] = key.split("|") as [string, string];
  return new Intl.DateTimeFormat(locale, {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
});

/** An RFC 3339 instant in a time zone, without the zone's name: "23 Nov 2026, 14:32". Pair it with `zoneName` where none is in view. */
export function formatInstant(
  instant: string,
  { timeZone, detail = "minute", locale = LOCALE }: { timeZone: string; detail?: InstantDetail; locale?: string },
): string {
  return instantFormat(`${locale}|${timeZone}|${detail}`).format(new Date(instant));
}

/** The short name of a zone at an instant, which changes with daylight saving: "UTC", "GMT+5:30", "CET". */
export function zoneName(instant: string, timeZone: string, { locale = LOCALE } = {}): string {
  const parts = zoneFormat(`${locale}|${timeZone}`).formatToParts(new Date(instant));
  return parts.find((part) => part.type === "timeZoneName")?.value ?? timeZone;
}

/** A zone for people: "UTC", or its name with what it is called at the instant: "Asia/Kolkata (GMT+5:30)". */
export function zoneWords(instant: string, timeZone: string, options: { locale?: string } = {}): string {
  const short = zoneName(instant, timeZone, options);
  return short === timeZone ? timeZone : `${timeZone} (${short})`;
}

/** Whether an instant is the start of a calendar day in the zone. */
export function isLocalMidnight(instant: string, timeZone: string): boolean {
  const date = new Date(instant);
  return date.getUTCMilliseconds() === 0 && clockFormat(`en-GB|${timeZone}`).format(date) === "00:00:00";
}
