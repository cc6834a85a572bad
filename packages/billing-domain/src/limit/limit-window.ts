import { Temporal } from "temporal-polyfill";
import type { EpochMs, Window } from "../window.ts";
import type { LimitPeriod } from "./limit-definition.ts";

const HOUR_MS = 3_600_000;
/** All the time that usage can occur in: events before the year 2000 are refused. */
export const LIFETIME: Window = { startAt: Date.UTC(2000, 0), endAt: Date.UTC(9999, 0) };

/** Where an instant lies for a customer: its billing period, and the time zone of its days. */
export type LimitPlace = { at: EpochMs; billingPeriod: Window; timeZone: string };

/** The window of a limit that holds an instant. Windows of one period tile time: each instant is in exactly one. */
export function limitWindowAt(period: LimitPeriod, place: LimitPlace): Window {
  switch (period) {
    case "BILLING_PERIOD":
      return place.billingPeriod;
    case "DAY":
      return localDayAt(place.at, place.timeZone);
    case "HOUR": {
      const startAt = Math.floor(place.at / HOUR_MS) * HOUR_MS;
      return { startAt, endAt: startAt + HOUR_MS };
    }
    case "LIFETIME":
      return LIFETIME;
  }
}

/** The day on the customer's calendar: 23 or 25 hours where the clocks change. */
export function localDayAt(at: EpochMs, timeZone: string): Window {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).startOfDay();
  // A zone may skip a day altogether, as Samoa did with 30 December 2011; the day after is then the same instant.
  let next = today.add({ days: 1 }).startOfDay();
  while (next.epochMilliseconds <= at) next = next.add({ days: 1 }).startOfDay();
  return { startAt: today.epochMilliseconds, endAt: next.epochMilliseconds };
}

/** When what is used starts from zero again; null for a limit that never does. */
export function limitResetsAt(period: LimitPeriod, window: Window): EpochMs | null {
  return period === "LIFETIME" ? null : window.endAt;
}
