import {
  type AttemptOutcome,
  afterAttempt,
  type EpochMs,
  isTooOld,
  mayRepeat,
  type ReportState,
} from "@meterline/billing-domain";
import type { MeterReport } from "./meter-report.record.ts";
import type { SettledAttempt } from "./report-queue.repository.ts";
import { type CallEnd, isKeptAnswer } from "./report-transport.ts";

/** Stripe takes a value that is set again and again without counting it twice. */
export function isRepeatable(report: MeterReport): boolean {
  return report.mode === "VALUE";
}

/** What a report's attempt comes to, from how its call ended. */
export function settledAttempt(
  report: MeterReport,
  end: CallEnd,
  at: { startedAt: EpochMs; now: EpochMs; random: number },
): SettledAttempt {
  const { outcome, failure } = end;
  const result = afterAttempt({
    outcome,
    attempts: report.attempts,
    startedAt: at.startedAt,
    now: at.now,
    doubtfulSince: report.doubtfulSince,
    isRepeatable: isRepeatable(report),
    random: at.random,
  });
  return {
    report,
    // A cancellation that Stripe does not take changes nothing; a negative value takes its place.
    state: report.kind === "CANCEL" && result.state === "DEAD" ? "NOT_COUNTED" : result.state,
    nextAttemptAt: result.nextAttemptAt,
    doubtfulSince: result.doubtfulSince,
    settledAt: result.state === "ACCEPTED" || result.state === "DEAD" ? at.now : null,
    keyGeneration: report.keyGeneration + (failure !== null && isKeptAnswer(failure) ? 1 : 0),
    failure: failure && { class: failure.kind, code: failure.code, message: failure.message },
  };
}

/** Why a report that was taken up is not sent after all; null when it may be. */
export function refusalBeforeSending(report: MeterReport, now: EpochMs): SettledAttempt | null {
  if (!mayRepeat({ doubtfulSince: report.doubtfulSince, isRepeatable: isRepeatable(report) }, now)) {
    return unsent(report, "UNCERTAIN", now, "REPEAT_TOO_LATE", "It may have been counted, more than 23 hours ago.");
  }
  if (report.kind !== "CANCEL" && isTooOld(report.eventAt, now)) {
    const state = report.doubtfulSince === null ? "DEAD" : "UNCERTAIN";
    return unsent(report, state, now, "TIMESTAMP_TOO_OLD", "Stripe takes no usage that is older than 35 days.");
  }
  return null;
}

/** A report that no call was made for; `nextAttemptAt` null where it is not to be looked at again. */
export function unsent(
  report: MeterReport,
  state: Extract<ReportState, "PENDING" | "UNCERTAIN" | "DEAD">,
  now: EpochMs,
  code: string,
  message: string,
  nextAttemptAt: EpochMs | null = state === "DEAD" ? null : now,
): SettledAttempt {
  return {
    report,
    state,
    nextAttemptAt,
    doubtfulSince: state === "DEAD" ? null : report.doubtfulSince,
    settledAt: state === "DEAD" ? now : null,
    keyGeneration: report.keyGeneration,
    failure: { class: "UNSENT", code, message },
  };
}

/** Whether an end says that Stripe itself is away, and not that one report is at fault. */
export function isAway(outcome: AttemptOutcome, code: string | undefined): boolean {
  return (
    (outcome.kind === "AMBIGUOUS" || outcome.kind === "RETRYABLE") &&
    code !== undefined &&
    !/rate|lock|concurren|409|429/.test(code)
  );
}
