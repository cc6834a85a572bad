import { Temporal } from "temporal-polyfill";
import { currencyExponent } from "../currency.ts";
import { type Decimal, decimal, formatDecimal, roundHalfUp } from "../decimal.ts";
import { type MeasuredMeter, measuredUnit } from "../meter-unit.ts";
import type { EpochMs } from "../window.ts";
import type { Alert, CrossingBand } from "./alert.ts";
import { ordinalDay } from "./preview.ts";

/** How the reader sees it: their zone, and the meter's name and unit (null for the whole bill). */
export type AlertReading = { timeZone: string; meter: (MeasuredMeter & { name: string }) | null };

/** What is said of an alert: a short title and a sentence or two. Plain text, English, the same in every channel. */
export type AlertWords = { title: string; text: string };

const HUNDRED = decimal("100");
/** A sentence is read, not reckoned with: "2,500.159 GB-hours". The exact value stands beside it in the API. */
const WORDS_PLACES = 3;

/** Puts an alert into words. The same alert read in the same zone gives the same words. */
export function alertWords(alert: Alert, reading: AlertReading): AlertWords {
  const subject = reading.meter?.name ?? "Your bill";
  switch (alert.kind) {
    case "THRESHOLD":
    case "BUDGET":
      return thresholdWords(alert, reading, subject);
    case "FORECAST":
      return forecastWords(alert, reading, subject);
    case "DROP":
      return {
        title: `${subject}: far less than usual`,
        text: `${valueWords(alert, alert.crossingValue, reading)} since ${dayWords(alert.period.startAt, reading.timeZone, true)}, where about ${valueWords(alert, alert.basisValue, reading)} is usual.`,
      };
    case "SPIKE":
      return {
        title: `${subject}: far more than usual`,
        text: `${valueWords(alert, alert.crossingValue, reading)} since ${dayWords(alert.period.startAt, reading.timeZone, true)}, where about ${valueWords(alert, alert.basisValue, reading)} is usual.`,
      };
  }
}

function thresholdWords(alert: Alert, reading: AlertReading, subject: string): AlertWords {
  const value = valueWords(alert, alert.crossingValue, reading);
  const basis = basisWords(alert, reading);
  const resets = `Counting begins anew on ${dayWords(alert.period.endAt, reading.timeZone, true)}.`;
  const stopped =
    alert.severity === "CRITICAL" ? " More usage is refused until then, or until the limit is raised." : "";
  if (alert.crossingValue.lt(alert.thresholdValue)) {
    // A hard limit refuses what does not fit before the last unit is used.
    const text = `${value} used, and what was asked for did not fit into ${basis}. ${resets}${stopped}`;
    return { title: `${subject}: ${basis} reached`, text };
  }
  const share = alert.percent ?? HUNDRED;
  if (share.eq(HUNDRED) && alert.basis === "ALLOWANCE") {
    const text = `${value} used; nothing is left of ${basis}. ${resets}`;
    return { title: `${subject}: ${basis} are used up`, text };
  }
  if (share.eq(HUNDRED)) {
    return { title: `${subject}: ${basis} reached`, text: `${value} used; ${basis} is reached. ${resets}${stopped}` };
  }
  const percent = `${numberWords(share)} %`;
  return {
    title: `${subject}: ${percent} of ${basis}`,
    text: `${value} used, past ${percent} of ${basis}. ${resets}${stopped}`,
  };
}

function forecastWords(alert: Alert, reading: AlertReading, subject: string): AlertWords {
  const threshold = valueWords(alert, alert.thresholdValue, reading);
  const when = alert.expected === null ? "before the period ends" : crossingWords(alert.expected, reading.timeZone);
  const expected = valueWords(alert, alert.crossingValue, reading);
  return {
    title: `${subject}: at this pace you cross ${threshold}`,
    text: `At this pace you cross ${threshold} ${when}. About ${expected} is expected by the end of the period on ${dayWords(alert.period.endAt, reading.timeZone, true)}.`,
  };
}

/** "on about 23 Nov (19th–26th)"; a band that reaches past the period says so. */
export function crossingWords(band: CrossingBand, timeZone: string): string {
  const expected = dayWords(band.expectedAt, timeZone, false);
  const earliest = band.earliestAt === null ? null : localDate(band.earliestAt, timeZone);
  const latest = band.latestAt === null ? null : localDate(band.latestAt, timeZone);
  const from = earliest === null ? "now" : ordinalDay(earliest.day);
  const to = latest === null ? "or not in this period" : ordinalDay(latest.day);
  if (latest === null) return `on about ${expected} (${from} at the earliest, ${to})`;
  if (earliest !== null && earliest.equals(latest)) return `on about ${expected}`;
  return `on about ${expected} (${from}–${to})`;
}

function basisWords(alert: Alert, reading: AlertReading): string {
  const basis = valueWords(alert, alert.basisValue, reading);
  switch (alert.basis) {
    case "ALLOWANCE":
      return `the ${basis} included`;
    case "LIMIT":
      return `the limit of ${basis}`;
    case "MONEY":
      return alert.kind === "BUDGET" ? `the budget of ${basis}` : basis;
    default:
      return basis;
  }
}

function valueWords(alert: Alert, value: Decimal, reading: AlertReading): string {
  if (alert.currency !== null) return moneyWords(value, alert.currency);
  const number = numberWords(roundHalfUp(value, WORDS_PLACES));
  return reading.meter === null ? number : `${number} ${measuredUnit(reading.meter)}`;
}

/** Major units, rounded to the currency's decimals: "USD 1,234.50". */
export function moneyWords(major: Decimal, currency: string): string {
  const places = currencyExponent(currency);
  const rounded = roundHalfUp(major, places).toFixed(places) as Intl.StringNumericLiteral;
  const format = new Intl.NumberFormat("en-US", {
    style: "currency",
    currency,
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
  // Intl parts some codes from the amount by a no-break space, which plain-text mail shows as noise.
  return format.format(rounded).replaceAll("\u00a0", " ");
}

/** "1,000,000"; every decimal that there is. */
export function numberWords(value: Decimal): string {
  return new Intl.NumberFormat("en-US", { maximumFractionDigits: 20 }).format(
    formatDecimal(value) as Intl.StringNumericLiteral,
  );
}

function dayWords(at: EpochMs, timeZone: string, withTime: boolean): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const day = `${local.day} ${MONTHS[local.month - 1]}`;
  return withTime ? `${day} at ${String(local.hour).padStart(2, "0")}:${String(local.minute).padStart(2, "0")}` : day;
}

function localDate(at: EpochMs, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
