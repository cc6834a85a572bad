import type { EpochMs } from "../window.ts";

/**
 * Which of Stripe's two counters a report is told to: EVENTS, a Billing Meter (v1, v2 and stream alike), or RECORDS, the
 * usage records of a subscription item, which Stripe removed in 2025 and some accounts still have.
 */
export type ReportChannel = "EVENTS" | "RECORDS";

/** What names one meter report for ever. Ids are lower-case UUIDs, `sequence` counts from 1 within the other four. */
export type ReportKey = {
  customerId: string;
  meterId: string;
  channel: ReportChannel;
  periodStartAt: EpochMs;
  sequence: number;
};

const PREFIX = "ml_";
const LETTERS: Readonly<Record<ReportChannel, string>> = { EVENTS: "e", RECORDS: "r" };
const IDENTIFIER = /^ml_([0-9a-f]{32})([0-9a-f]{32})([er])_(-?[0-9a-z]{1,11})_([0-9a-z]{1,9})$/;

/**
 * The identifier under which Stripe knows a report, at most 100 characters: the key itself, written down. A retry, also by
 * another process after a crash, therefore says the same, and an identifier in an error report leads back to its row
 * without a search.
 */
export function reportIdentifier(key: ReportKey): string {
  const ids = `${key.customerId}${key.meterId}`.replaceAll("-", "");
  return `${PREFIX}${ids}${LETTERS[key.channel]}_${key.periodStartAt.toString(36)}_${key.sequence.toString(36)}`;
}

/** The key that an identifier was made from, or null for one that is not ours. */
export function reportKeyOf(identifier: string): ReportKey | null {
  const match = IDENTIFIER.exec(identifier);
  if (match === null) return null;
  const [, customer = "", meter = "", letter, start = "", sequence = ""] = match;
  return {
    customerId: uuidOf(customer),
    meterId: uuidOf(meter),
    channel: letter === "e" ? "EVENTS" : "RECORDS",
    periodStartAt: Number.parseInt(start, 36),
    sequence: Number.parseInt(sequence, 36),
  };
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
