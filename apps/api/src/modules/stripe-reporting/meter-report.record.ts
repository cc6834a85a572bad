import {
  type Decimal,
  decimal,
  type EpochMs,
  type ReportKey,
  type ReportMode,
  type ReportState,
} from "@meterline/billing-domain";
import type { ReportTransport } from "./report-route.ts";

/**
 * Why a report was written: usage, taking one back by name, or taking the place of one that did not arrive. FOUND is none
 * that was sent: it writes down that Stripe counts so much more, or less, than it was told.
 */
export type ReportKind = "USAGE" | "CANCEL" | "REPAIR" | "FOUND";

/** A row of `meter_report`. */
export type MeterReport = ReportKey & {
  kind: ReportKind;
  mode: ReportMode;
  delta: Decimal;
  totalAfter: Decimal;
  eventAt: EpochMs;
  transport: ReportTransport;
  state: ReportState;
  attempts: number;
  nextAttemptAt: EpochMs | null;
  firstSentAt: EpochMs | null;
  lastSentAt: EpochMs | null;
  doubtfulSince: EpochMs | null;
  acceptedAt: EpochMs | null;
  settledAt: EpochMs | null;
  keyGeneration: number;
  correctsSequence: number | null;
  replacedBy: number | null;
  readTotal: Decimal | null;
  sameReads: number;
  failureClass: string | null;
  failureCode: string | null;
  failureMessage: string | null;
  createdAt: EpochMs;
};

/** The columns of a report, of a table named `r`. */
export const reportColumns = `r.customer_id, r.meter_id, r.channel, r.period_start, r.sequence, r.kind, r.mode, r.delta,
  r.total_after, r.event_at, r.transport, r.state, r.attempts, r.next_attempt_at, r.first_sent_at, r.last_sent_at,
  r.doubtful_since, r.accepted_at, r.settled_at, r.key_generation, r.corrects_sequence, r.replaced_by, r.read_total,
  r.same_reads, r.failure_class, r.failure_code, r.failure_message, r.created_at`;

/** The same as `pg` answers them. */
export type MeterReportColumns = {
  customer_id: string;
  meter_id: string;
  channel: MeterReport["channel"];
  period_start: Date;
  sequence: number;
  kind: ReportKind;
  mode: ReportMode;
  delta: string;
  total_after: string;
  event_at: Date;
  transport: ReportTransport;
  state: ReportState;
  attempts: number;
  next_attempt_at: Date | null;
  first_sent_at: Date | null;
  last_sent_at: Date | null;
  doubtful_since: Date | null;
  accepted_at: Date | null;
  settled_at: Date | null;
  key_generation: number;
  corrects_sequence: number | null;
  replaced_by: number | null;
  read_total: string | null;
  same_reads: number;
  failure_class: string | null;
  failure_code: string | null;
  failure_message: string | null;
  created_at: Date;
};

/** A report from its columns. */
export function mapMeterReport(row: MeterReportColumns): MeterReport {
  return {
    customerId: row.customer_id,
    meterId: row.meter_id,
    channel: row.channel,
    periodStartAt: row.period_start.getTime(),
    sequence: row.sequence,
    kind: row.kind,
    mode: row.mode,
    delta: decimal(row.delta),
    totalAfter: decimal(row.total_after),
    eventAt: row.event_at.getTime(),
    transport: row.transport,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: instantOf(row.next_attempt_at),
    firstSentAt: instantOf(row.first_sent_at),
    lastSentAt: instantOf(row.last_sent_at),
    doubtfulSince: instantOf(row.doubtful_since),
    acceptedAt: instantOf(row.accepted_at),
    settledAt: instantOf(row.settled_at),
    keyGeneration: row.key_generation,
    correctsSequence: row.corrects_sequence,
    replacedBy: row.replaced_by,
    readTotal: row.read_total === null ? null : decimal(row.read_total),
    sameReads: row.same_reads,
    failureClass: row.failure_class,
    failureCode: row.failure_code,
    failureMessage: row.failure_message,
    createdAt: row.created_at.getTime(),
  };
}

/** What a report says of one customer, meter, channel and period: the key without the sequence. */
export type ReportLine = Omit<ReportKey, "sequence">;

/** One line, as a key of a map. */
export function lineKey(line: ReportLine): string {
  return `${line.customerId} ${line.meterId} ${line.channel} ${line.periodStartAt}`;
}

function instantOf(at: Date | null): EpochMs | null {
  return at === null ? null : at.getTime();
}
