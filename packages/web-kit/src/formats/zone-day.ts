/**
 * Calendar days of a time zone as instants, for date fields. The zone's rules come from Intl, so nothing is downloaded
 * for them. Sums over days never use this: those windows come from the API.
 */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The calendar day of an instant in a zone, as a date field writes it: "2026-11-23". */
export function dateInZone(instant: string, timeZone: string): string {
  return localParts(Date.parse(instant), timeZone).date;
}

/**
 * The first instant of a calendar day in a zone, RFC 3339 in UTC; null when the text is not a date. Where daylight
 * saving skips midnight, the day begins at the first hour that exists.
 */
export function startOfDate(date: string, timeZone: string): string | null {
  if (!DATE.test(date)) return null;
  const asUtc = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(asUtc)) return null;
  // Offsets at most a day apart cover both sides of a change of the clock; the earliest instant on the date is its start.
  const candidates = [asUtc - DAY_MS, asUtc, asUtc + DAY_MS].map((near) => asUtc - offsetMs(near, timeZone));
  const onDate = [...candidates, ...candidates.map((at) => at + HOUR_MS)]
    .filter((at) => localParts(at, timeZone).date === date)
    .sort((left, right) => left - right);
  const [first] = onDate;
  return first === undefined ? null : new Date(first).toISOString();
}

/** The day after a date: "2026-11-30" becomes "2026-12-01". */
export function followingDate(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, "2026-11-23".length);
}

function localParts(at: number, timeZone: string): { date: string; asUtcMs: number } {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(new Date(at));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? "";
  const date = `${part("year")}-${part("month")}-${part("day")}`;
  return { date, asUtcMs: Date.parse(`${date}T${part("hour")}:${part("minute")}:${part("second")}Z`) };
}

function offsetMs(at: number, timeZone: string): number {
  return localParts(at, timeZone).asUtcMs - Math.floor(at / 1_000) * 1_000;
}
