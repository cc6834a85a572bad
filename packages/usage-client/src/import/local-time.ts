const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d:?\d\d)?)?$/;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const QUARTER_HOUR_MS = 15 * MINUTE_MS;
/** Quarter hours kept per zone: about four months. */
const MAX_CACHED = 12_000;

/** What a text says about a moment: milliseconds since 1970, or why it says nothing. */
export type TimeReading =
  | { readonly ok: true; readonly at: number }
  | { readonly ok: false; readonly code: "INVALID_TIME" | "NO_TIME_ZONE" };

/** Reads the times of a file; those without an offset are local times of `timeZone`. Digits after the millisecond are cut off. */
export class TimeReader {
  readonly #zone: LocalTimeZone | null;

  /** Throws `RangeError` for an unknown time zone. */
  constructor(timeZone: string | null) {
    this.#zone = timeZone === null ? null : new LocalTimeZone(timeZone);
  }

  read(text: string): TimeReading {
    const match = INSTANT.exec(text);
    if (match === null) return { ok: false, code: "INVALID_TIME" };
    const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0", offset] = match;
    const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
    const isDay = new Date(date).getUTCDate() === Number(day) && Number(month) >= 1 && Number(month) <= 12;
    if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
      return { ok: false, code: "INVALID_TIME" };
    const time = (Number(hour) * 60 + Number(minute)) * MINUTE_MS + Number(second) * 1_000;
    const local = date + time + Number(fraction.padEnd(3, "0").slice(0, 3));
    if (offset !== undefined) return { ok: true, at: local - offsetMs(offset) };
    return this.#zone === null ? { ok: false, code: "NO_TIME_ZONE" } : { ok: true, at: this.#zone.instantOf(local) };
  }
}

function offsetMs(offset: string): number {
  if (offset === "Z" || offset === "z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith("-") ? -minutes : minutes) * MINUTE_MS;
}

/** Local times of one zone. Clocks change on quarter hours everywhere since 1972, so one look-up serves a quarter hour. */
class LocalTimeZone {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /**
   * The instant of a local time, given as if it were UTC. A time that the clocks passed twice is the first of the two; one
   * that they skipped is moved on by the gap, as RFC 5545 and Temporal have it.
   */
  instantOf(local: number): number {
    const quarter = Math.floor(local / QUARTER_HOUR_MS);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      if (this.#offsets.size >= MAX_CACHED) this.#offsets.clear();
      offset = this.#offsetOfLocal(quarter * QUARTER_HOUR_MS);
      this.#offsets.set(quarter, offset);
    }
    return local - offset;
  }

  #offsetOfLocal(local: number): number {
    const before = this.#offsetAt(local - DAY_MS);
    const after = this.#offsetAt(local + DAY_MS);
    if (before === after || this.#offsetAt(local - before) === before) return before;
    return this.#offsetAt(local - after) === after ? after : before;
  }

  #offsetAt(instant: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(instant)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000;
  }
}
