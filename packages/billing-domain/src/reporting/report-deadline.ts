import { DAY_MS, type EpochMs } from "../window.ts";
import { OLDEST_EVENT_MS } from "./plan-report.ts";
import type { ReportState } from "./report-state.ts";

/** How near a deadline is. */
export type AlarmLevel = "NONE" | "WARNING" | "CRITICAL" | "PASSED";

/**
 * What ends when. IDENTIFIER: Stripe may have forgotten the identifier, so it must not be repeated blindly. CANCEL: the last
 * moment to take an accepted report back by name. TIMESTAMP: Stripe takes no older ones. FINALIZATION: the period's invoice
 * takes no more usage.
 */
export type DeadlineKind = "IDENTIFIER" | "CANCEL" | "TIMESTAMP" | "FINALIZATION";

/** One deadline of a report. Past it, `hoursLeft` is negative. */
export type Deadline = { kind: DeadlineKind; at: EpochMs; hoursLeft: number; alarm: AlarmLevel };

/** What decides a report's deadlines. */
export type DatedReport = {
  state: ReportState;
  eventAt: EpochMs;
  doubtfulSince: EpochMs | null;
  acceptedAt: EpochMs | null;
  /** When the period's invoice is finalized, as far as is known. */
  finalizesAt: EpochMs | null;
};

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** From how long before a deadline on it warns, and is critical. Cancelling is a choice, so its deadline never alarms. */
const ALARMS: Readonly<Record<DeadlineKind, { warningMs: number; criticalMs: number } | null>> = {
  IDENTIFIER: { warningMs: 12 * HOUR_MS, criticalMs: 2 * HOUR_MS },
  CANCEL: null,
  TIMESTAMP: { warningMs: 3 * DAY_MS, criticalMs: DAY_MS },
  FINALIZATION: { warningMs: 45 * MINUTE_MS, criticalMs: 15 * MINUTE_MS },
};
const LEVELS: readonly AlarmLevel[] = ["NONE", "WARNING", "CRITICAL", "PASSED"];

/** The deadlines that a report still has, nearest first; none once it is settled. */
export function reportDeadlines(report: DatedReport, now: EpochMs): Deadline[] {
  const deadlines: Deadline[] = [];
  const add = (kind: DeadlineKind, at: EpochMs | null) => {
    if (at !== null) deadlines.push(deadlineAt(kind, at, now));
  };
  if (report.state === "ACCEPTED" || report.state === "CONFIRMED") {
    add("CANCEL", report.acceptedAt === null ? null : report.acceptedAt + DAY_MS);
  } else if (report.state !== "NOT_COUNTED") {
    add("IDENTIFIER", report.doubtfulSince === null ? null : report.doubtfulSince + DAY_MS);
    add("TIMESTAMP", report.eventAt + OLDEST_EVENT_MS);
    add("FINALIZATION", report.finalizesAt);
  }
  return deadlines.sort((left, right) => left.at - right.at);
}

/** How near one deadline is. The instant itself is past it. */
export function deadlineAt(kind: DeadlineKind, at: EpochMs, now: EpochMs): Deadline {
  const leftMs = at - now;
  return { kind, at, hoursLeft: Math.floor(leftMs / HOUR_MS), alarm: alarmOf(kind, leftMs) };
}

/** The worst of several alarms. */
export function worstAlarm(alarms: Iterable<AlarmLevel>): AlarmLevel {
  let worst: AlarmLevel = "NONE";
  for (const alarm of alarms) if (LEVELS.indexOf(alarm) > LEVELS.indexOf(worst)) worst = alarm;
  return worst;
}

function alarmOf(kind: DeadlineKind, leftMs: number): AlarmLevel {
  const bounds = ALARMS[kind];
  if (bounds === null) return "NONE";
  if (leftMs <= 0) return "PASSED";
  if (leftMs <= bounds.criticalMs) return "CRITICAL";
  return leftMs <= bounds.warningMs ? "WARNING" : "NONE";
}
