import type { AlarmLevel, DiscrepancyState, MeterReportState, StripeWebhookState } from "../../gql/graphql.ts";

/** A state in a word, the tone of its tag, and what it means where the word does not say it. */
export type StateWords = { word: string; tone: "accent" | "warn" | "bad" | undefined; meaning: string };

/** The life of a meter report. */
export const REPORT_STATES: Readonly<Record<MeterReportState, StateWords>> = {
  PENDING: { word: "Waiting", tone: undefined, meaning: "planned, and not sent yet" },
  SENDING: { word: "Being sent", tone: undefined, meaning: "on its way to Stripe" },
  UNCERTAIN: {
    word: "In doubt",
    tone: "warn",
    meaning: "may have been counted; it is looked up before it is sent again",
  },
  ACCEPTED: { word: "Accepted", tone: "accent", meaning: "Stripe has it, and counts it soon" },
  CONFIRMED: { word: "Confirmed", tone: "accent", meaning: "Stripe's own summary has it" },
  NOT_COUNTED: { word: "Not counted", tone: undefined, meaning: "another report took its place" },
  DEAD: { word: "Dead letter", tone: "bad", meaning: "refused, or could not be sent; a person has to look" },
  REFUSED: {
    word: "Refused later",
    tone: "bad",
    meaning: "Stripe accepted it first, and refused it in an error report",
  },
};

/** How near a deadline is. */
export const ALARMS: Readonly<Record<AlarmLevel, StateWords>> = {
  NONE: { word: "In time", tone: undefined, meaning: "nothing to do" },
  WARNING: { word: "Soon", tone: "warn", meaning: "look at what holds it up" },
  CRITICAL: { word: "Now", tone: "bad", meaning: "act now" },
  PASSED: { word: "Passed", tone: "bad", meaning: "can no longer be met" },
};

/** What each deadline ends. */
export const DEADLINES: Readonly<Record<string, string>> = {
  IDENTIFIER: "Stripe forgets an identifier 24 hours after it was sent",
  CANCEL: "Stripe cancels an event within 24 hours only",
  TIMESTAMP: "Stripe takes no usage older than 35 days",
  FINALIZATION: "The period's invoice becomes final",
};

/** Where a webhook stands. */
export const WEBHOOK_STATES: Readonly<Record<StripeWebhookState, StateWords>> = {
  WAITING: { word: "Waiting", tone: undefined, meaning: "to be worked, or tried again" },
  DONE: { word: "Done", tone: "accent", meaning: "worked" },
  IGNORED: { word: "Nothing to do", tone: undefined, meaning: "kept, and nothing done" },
  FAILED: { word: "Given up", tone: "bad", meaning: "failed at every attempt" },
};

/** Where a discrepancy stands. */
export const DISCREPANCY_STATES: Readonly<Record<DiscrepancyState, StateWords>> = {
  OPEN: { word: "Open", tone: "warn", meaning: "found, and not dealt with" },
  TICKET: { word: "Ticket", tone: "bad", meaning: "needs a person" },
  REPAIRED: { word: "Repaired", tone: "accent", meaning: "gone at the next look" },
  RESOLVED: { word: "Resolved", tone: undefined, meaning: "settled by a person" },
};

/** "STRIPE_SUMMARY" as "Stripe summary". */
export function kindWords(kind: string): string {
  const words = kind.toLowerCase().replaceAll("_", " ").replace("stripe", "Stripe");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "3 h 5 min" of a number of seconds; "none" for nothing. */
export function durationWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (seconds < 1) return "none";
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
