import { type Decimal, formatDecimal, ZERO } from "../decimal.ts";
import { summaryAgrees } from "../reporting/summary-value.ts";

/** What one meter of one billing period comes to, wherever that is kept. Null is "not known" or "not kept there". */
export type MeterStandings = {
  /** A recount of the events. */
  recount: Decimal;
  /** What the rollups measure. */
  rollup: Decimal;
  /** What the period total measures: what a bill is rated from. */
  periodTotal: Decimal;
  /** What was written down when the period was frozen; null while it is not. */
  frozen: Decimal | null;
  /** What is billed late of the frozen period so far; zero while it is not frozen. */
  billedLate: Decimal;
  /** Whether what came late can still be billed: in an open period of the same customer. */
  hasOpenPeriod: boolean;
  /** How the meter's usage reaches Stripe; null where it does not. */
  reports: MeterReports | null;
};

/** What Stripe was told, and what it says. */
export type MeterReports = {
  /** The sum of all reports that were planned. */
  planned: Decimal;
  /** The sum of the reports that Stripe accepted. */
  told: Decimal;
  /** Reports that are planned or under way, or whose fate is not known yet. */
  pending: number;
  /** Reports that Stripe will not take as they are. */
  dead: number;
  /** What Stripe's summary says of the same reports; null where it was not asked. */
  summary: Decimal | null;
  /** Whether Stripe had the time to count what it accepted last. */
  isSettled: boolean;
  /** Whether a new report would still reach the period's invoice. */
  canReport: boolean;
};

/** What may not agree. Each names the first pair that differs; what follows from it is not told again. */
export type DiscrepancyKind =
  | "ROLLUP"
  | "PERIOD_TOTAL"
  | "LATE_USAGE"
  | "REPORT_PLAN"
  | "REPORT_DEAD"
  | "STRIPE_SUMMARY";

/** What may be done without a person. REBUILD counts anew from events, PLAN plans reports, REPORT sends the difference. */
export type RepairRoute = "REBUILD" | "PLAN" | "REPORT" | "TICKET";

/** Two numbers of one thing that should be the same, in units. */
export type MeterDiscrepancy = {
  kind: DiscrepancyKind;
  expected: Decimal;
  actual: Decimal;
  route: RepairRoute;
  message: string;
};

/**
 * Holds every place that keeps the number against the place it comes from: events → rollups → period total → reports →
 * Stripe. Nothing may differ. Repairs only add: derived rows are counted anew from events, and reports are new reports.
 * A difference that may still go away by itself (reports under way, Stripe still counting) is none yet.
 */
export function reconcileMeter(standings: MeterStandings): MeterDiscrepancy[] {
  const { recount, rollup, periodTotal, frozen } = standings;
  const found: MeterDiscrepancy[] = [];
  if (!rollup.eq(recount)) found.push(difference("ROLLUP", recount, rollup, "REBUILD", "the rollups", "the events"));
  if (!periodTotal.eq(recount)) {
    found.push(difference("PERIOD_TOTAL", recount, periodTotal, "REBUILD", "the period total", "the events"));
  }
  if (frozen !== null && !standings.hasOpenPeriod) {
    const billed = frozen.plus(standings.billedLate);
    if (!billed.eq(recount)) {
      found.push(difference("LATE_USAGE", recount, billed, "TICKET", "what was billed", "the events"));
    }
  }
  if (standings.reports !== null)
    found.push(...reconcileReports(frozen ?? recount, standings.reports, frozen !== null));
  return found;
}

function reconcileReports(target: Decimal, reports: MeterReports, isFrozen: boolean): MeterDiscrepancy[] {
  const found: MeterDiscrepancy[] = [];
  if (reports.dead > 0) {
    found.push(difference("REPORT_DEAD", reports.planned, reports.told, "TICKET", "what Stripe took", "the reports"));
  }
  // While a period is open its reports follow at their interval, so only a frozen one must have them all.
  if (isFrozen && !reports.planned.eq(target)) {
    const route = reports.canReport ? "PLAN" : "TICKET";
    found.push(difference("REPORT_PLAN", target, reports.planned, route, "the reports", "the frozen quantity"));
  }
  const { summary } = reports;
  if (summary !== null && reports.pending === 0 && reports.isSettled && !summaryAgrees(summary, reports.told)) {
    const route = reports.canReport ? "REPORT" : "TICKET";
    found.push(difference("STRIPE_SUMMARY", reports.told, summary, route, "Stripe's summary", "what Stripe accepted"));
  }
  return found;
}

function difference(
  kind: DiscrepancyKind,
  expected: Decimal,
  actual: Decimal,
  route: RepairRoute,
  ...[what, source]: [string, string]
): MeterDiscrepancy {
  const gap = actual.minus(expected);
  const text = formatDecimal(gap.lt(ZERO) ? ZERO.minus(gap) : gap);
  const message = `By ${text} units ${what} ${gap.lt(ZERO) ? "hold less than" : "hold more than"} ${source}.`;
  return { kind, expected, actual, route, message };
}
