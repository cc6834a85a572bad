import type { AlertChannel, AlertKind, AlertSeverity, AttemptOutcome, DeliveryState } from "../gql/graphql.ts";

export const KIND_NAMES: Readonly<Record<AlertKind, string>> = {
  THRESHOLD: "Threshold",
  BUDGET: "Budget",
  FORECAST: "Forecast",
  DROP: "Drop",
  SPIKE: "Spike",
};

export const SEVERITIES: Readonly<Record<AlertSeverity, { name: string; tone: "accent" | "warn" | "bad" }>> = {
  INFO: { name: "For information", tone: "accent" },
  WARNING: { name: "Warning", tone: "warn" },
  CRITICAL: { name: "Critical", tone: "bad" },
};

export const CHANNEL_NAMES: Readonly<Record<AlertChannel, string>> = {
  IN_APP: "In the portal",
  EMAIL: "E-mail",
  WEBHOOK: "Webhook",
};

export const DELIVERY_STATES: Readonly<
  Record<DeliveryState, { name: string; tone: "accent" | "warn" | "bad" | undefined }>
> = {
  QUEUED: { name: "Queued", tone: undefined },
  SENDING: { name: "Being sent", tone: undefined },
  SENT: { name: "Sent", tone: "accent" },
  UNCERTAIN: { name: "May have arrived", tone: "warn" },
  FAILED: { name: "Not delivered", tone: "bad" },
  SKIPPED: { name: "Not sent", tone: undefined },
};

export const OUTCOME_NAMES: Readonly<Record<AttemptOutcome, string>> = {
  ACCEPTED: "accepted",
  REFUSED: "refused",
  TIMED_OUT: "no answer in time",
  UNREACHABLE: "could not be reached",
  BLOCKED: "blocked: not a public address",
  UNKNOWN: "answer not known",
};

/** An alert as far as its urgency goes. */
export type Urgent = { readonly severity: AlertSeverity; readonly sequence: string };

const RANK: Readonly<Record<AlertSeverity, number>> = { INFO: 0, WARNING: 1, CRITICAL: 2 };

/** The most severe, and of those the latest; null of none. */
export function mostUrgent<One extends Urgent>(alerts: readonly One[]): One | null {
  let most: One | null = null;
  for (const alert of alerts) {
    if (most === null || RANK[alert.severity] > RANK[most.severity]) most = alert;
    else if (alert.severity === most.severity && laterSequence(alert.sequence, most.sequence)) most = alert;
  }
  return most;
}

/** Sequences are whole numbers as text, longer than a JavaScript number may be. */
export function laterSequence(left: string, right: string): boolean {
  return left.length === right.length ? left > right : left.length > right.length;
}
