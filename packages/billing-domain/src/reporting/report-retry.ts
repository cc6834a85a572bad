import type { EpochMs } from "../window.ts";
import type { ReportState } from "./report-state.ts";

/** How an attempt ended, by what may be done about it. */
export type AttemptOutcome =
  /** Stripe answered with success. */
  | { kind: "DONE" }
  /** Stripe knows the identifier already. */
  | { kind: "ALREADY_DONE" }
  /** Not done, and worth another try: a rate limit, a lock, a refused connection. */
  | { kind: "RETRYABLE"; retryAfterMs: number | null }
  /** Done or not: no answer, a cut one, a 5xx. */
  | { kind: "AMBIGUOUS"; retryAfterMs: number | null }
  /** Refused for a reason that another try does not change. */
  | { kind: "PERMANENT" };

/** What an attempt leaves behind. */
export type AttemptResult = {
  state: Extract<ReportState, "PENDING" | "ACCEPTED" | "UNCERTAIN" | "DEAD">;
  /** When to try again, or to look again at what Stripe counted; null when nothing is left to do. */
  nextAttemptAt: EpochMs | null;
  /** Since when it may have been counted without our knowing; null when it cannot have been. */
  doubtfulSince: EpochMs | null;
};

/** A report whose attempt has ended. */
export type Attempt = {
  outcome: AttemptOutcome;
  /** Attempts so far, this one included. */
  attempts: number;
  startedAt: EpochMs;
  now: EpochMs;
  /** As it stood before this attempt. */
  doubtfulSince: EpochMs | null;
  /** Whether Stripe takes the same report twice without counting it twice, for ever: a value that is set. */
  isRepeatable: boolean;
  /** 0 (inclusive) to 1 (exclusive), to spread retries. */
  random: number;
};

/**
 * Identifiers and idempotency keys are known for "at least 24 hours". Past 23 a repetition could be counted twice, so what
 * may have been counted is then looked up instead.
 */
export const SAFE_REPEAT_MS = 23 * 3_600_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** Stripe asks for a wait; past an hour it is not believed. */
const LONGEST_ASKED_MS = 3_600_000;

/** The wait before the next attempt: 1 s doubling to 5 min, half of it by chance, and never shorter than asked for. */
export function retryWaitMs(attempts: number, random: number, askedMs: number | null): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 20));
  const spread = Math.round(full / 2 + (full / 2) * random);
  return Math.max(spread, Math.min(askedMs ?? 0, LONGEST_ASKED_MS));
}

/** Whether a report that may have been counted may still be sent again. */
export function mayRepeat(report: { doubtfulSince: EpochMs | null; isRepeatable: boolean }, now: EpochMs): boolean {
  return report.isRepeatable || report.doubtfulSince === null || now < report.doubtfulSince + SAFE_REPEAT_MS;
}

/** What becomes of a report after an attempt. */
export function afterAttempt(attempt: Attempt): AttemptResult {
  const { outcome, now, doubtfulSince } = attempt;
  switch (outcome.kind) {
    case "DONE":
      return { state: "ACCEPTED", nextAttemptAt: null, doubtfulSince: null };
    case "ALREADY_DONE":
      // Known to Stripe though it was never sent as far as we know: a restored backup, or a stranger's. Look first.
      if (doubtfulSince === null && !attempt.isRepeatable) {
        return { state: "UNCERTAIN", nextAttemptAt: now, doubtfulSince: attempt.startedAt };
      }
      return { state: "ACCEPTED", nextAttemptAt: null, doubtfulSince: null };
    case "RETRYABLE":
      return again(attempt, outcome.retryAfterMs, doubtfulSince);
    case "AMBIGUOUS":
      return again(attempt, outcome.retryAfterMs, doubtfulSince ?? attempt.startedAt);
    case "PERMANENT":
      // A refusal of the repetition says nothing of the first time.
      if (doubtfulSince !== null && !attempt.isRepeatable) {
        return { state: "UNCERTAIN", nextAttemptAt: now, doubtfulSince };
      }
      return { state: "DEAD", nextAttemptAt: null, doubtfulSince: null };
  }
}

function again(attempt: Attempt, askedMs: number | null, doubtfulSince: EpochMs | null): AttemptResult {
  const nextAttemptAt = attempt.now + retryWaitMs(attempt.attempts, attempt.random, askedMs);
  if (mayRepeat({ doubtfulSince, isRepeatable: attempt.isRepeatable }, nextAttemptAt)) {
    return { state: "PENDING", nextAttemptAt, doubtfulSince };
  }
  return { state: "UNCERTAIN", nextAttemptAt: attempt.now, doubtfulSince };
}
