import {
  type Deadline,
  type EpochMs,
  formatDecimal,
  GRACE_MS,
  reportDeadlines,
  reportIdentifier,
} from "@meterline/billing-domain";
import type { ShownReport } from "./meter-report.read-model.ts";
import type { MeterReportType, ReportDeadlineType } from "./meter-report.types.ts";

/** A report as staff see it. The invoice of its period is final an hour after the period's end, by Stripe's default. */
export function mapMeterReportType(report: ShownReport, meterKey: string, now: EpochMs): MeterReportType {
  const hasEnded = now >= report.periodEndAt;
  const finalizesAt = hasEnded ? report.periodEndAt + GRACE_MS : null;
  return {
    id: reportIdentifier(report),
    customerId: report.customerId,
    meterKey,
    channel: report.channel,
    periodStart: new Date(report.periodStartAt),
    sequence: report.sequence,
    kind: report.kind,
    mode: report.mode,
    delta: formatDecimal(report.delta),
    totalAfter: formatDecimal(report.totalAfter),
    eventAt: new Date(report.eventAt),
    transport: report.transport,
    state: report.state,
    attempts: report.attempts,
    nextAttemptAt: dateOf(report.nextAttemptAt),
    firstSentAt: dateOf(report.firstSentAt),
    doubtfulSince: dateOf(report.doubtfulSince),
    acceptedAt: dateOf(report.acceptedAt),
    failureCode: report.failureCode,
    failureMessage: report.failureMessage,
    correctsSequence: report.correctsSequence,
    replacedBySequence: report.replacedBy,
    deadlines: reportDeadlines({ ...report, finalizesAt }, now).map(mapDeadline),
    createdAt: new Date(report.createdAt),
  };
}

/** A deadline as staff see it. */
export function mapDeadline(deadline: Deadline): ReportDeadlineType {
  return { ...deadline, at: new Date(deadline.at) };
}

const dateOf = (at: EpochMs | null) => (at === null ? null : new Date(at));
