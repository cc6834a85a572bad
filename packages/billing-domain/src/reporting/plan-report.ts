import { type Decimal, formatDecimal, roundHalfUp, ZERO } from "../decimal.ts";
import { DAY_MS, type EpochMs, type Window } from "../window.ts";
import { MAX_VALUE_DIGITS, splitValue, valueDigits } from "./report-value.ts";

/**
 * How a report says its quantity. DELTA: what is new, to a counter that sums. VALUE: the total itself, to a counter where
 * the latest one stands (a meter with the formula `last`, or a usage record that is set).
 */
export type ReportMode = "DELTA" | "VALUE";

/** One report to be written. `eventAt` is the time told to Stripe: a whole second inside the period. */
export type PlannedReport = { delta: Decimal; totalAfter: Decimal; eventAt: EpochMs };

/** What to write for one customer, meter and period, or why nothing can be. */
export type ReportPlan =
  | { ok: true; reports: readonly PlannedReport[] }
  /** TOO_OLD: Stripe takes no timestamp of that period any more. TOO_LARGE: no number of values can say it. */
  | { ok: false; code: "TOO_OLD" | "TOO_LARGE"; untold: Decimal };

/** Stripe refuses timestamps older than 35 days: https://docs.stripe.com/api/billing/meter-event/create */
export const OLDEST_EVENT_MS = 35 * DAY_MS;
/** Nothing is planned so near to a deadline that a queue or a retry could carry it past. */
const FLIGHT_MS = 600_000;

/** What is planned so far, of a period, and what it should be. */
export type ReportSituation = {
  target: Decimal;
  /** The sum of every report of the period that stands. */
  planned: Decimal;
  mode: ReportMode;
  window: Window;
  now: EpochMs;
  /** The time of the period's latest report; null when there is none. */
  lastEventAt: EpochMs | null;
};

/** What to tell Stripe so that everything told sums to the target. Nothing when it does already. */
export function planReports(situation: ReportSituation): ReportPlan {
  const { target, planned, mode, window, now } = situation;
  const untold = target.minus(planned);
  if (untold.eq(ZERO)) return { ok: true, reports: [] };
  const eventAt = eventTime(window, now, mode === "VALUE" ? situation.lastEventAt : null);
  if (isTooOld(eventAt, now)) return { ok: false, code: "TOO_OLD", untold };
  if (mode === "VALUE") {
    if (valueDigits(target) > MAX_VALUE_DIGITS) return { ok: false, code: "TOO_LARGE", untold };
    return { ok: true, reports: [{ delta: untold, totalAfter: target, eventAt }] };
  }
  const parts = splitValue(untold);
  if (parts === null) return { ok: false, code: "TOO_LARGE", untold };
  let totalAfter = planned;
  const reports = parts.map((delta) => {
    totalAfter = totalAfter.plus(delta);
    return { delta, totalAfter, eventAt };
  });
  return { ok: true, reports };
}

/**
 * The time that a report carries: now while the period runs, its last whole second once it has ended. With `after`, a later
 * second than that while there is one, so that of two values the later one stands.
 */
export function eventTime(window: Window, now: EpochMs, after: EpochMs | null = null): EpochMs {
  const first = Math.ceil(window.startAt / 1000) * 1000;
  const last = Math.ceil(window.endAt / 1000) * 1000 - 1000;
  const wanted = Math.max(Math.floor(now / 1000) * 1000, after === null ? first : after + 1000);
  // A period shorter than a second has no whole one; its start is the nearest that can be said.
  return Math.max(Math.min(wanted, last), Math.min(first, last));
}

/** Whether Stripe would, or soon could, refuse a report because of the age of its timestamp. */
export function isTooOld(eventAt: EpochMs, now: EpochMs): boolean {
  return eventAt < now - OLDEST_EVENT_MS + FLIGHT_MS;
}

/**
 * What a counter of whole units can be told of a total: the units that are complete, toward zero and never below it. Usage
 * records take nothing else.
 */
export function wholeUnits(total: Decimal): Decimal {
  if (total.lt(ZERO)) return ZERO;
  const rounded = roundHalfUp(total, 0);
  return rounded.gt(total) ? rounded.minus("1") : rounded;
}

/** The value that goes over the wire. */
export function reportValue(report: { mode: ReportMode; delta: Decimal; totalAfter: Decimal }): string {
  return formatDecimal(report.mode === "VALUE" ? report.totalAfter : report.delta);
}
