import { type Decimal, ZERO } from "../decimal.ts";
import type { EpochMs } from "../window.ts";
import type { ReportMode } from "./plan-report.ts";
import { SAFE_REPEAT_MS } from "./report-retry.ts";

/** Where the invoice of a period stands: none yet, a draft that still takes usage, or final. */
export type InvoiceStanding = "OPEN" | "DRAFT" | "FINAL";

/** A report that Stripe accepted, which could be taken back by name. */
export type CancellableReport = { sequence: number; delta: Decimal; acceptedAt: EpochMs; isCorrected: boolean };

/** How what was told too much is put right. */
export type CorrectionRoute =
  /** Stripe is asked to forget that one report. */
  | { route: "CANCEL"; sequence: number }
  /** A report with a negative value. */
  | { route: "NEGATIVE_USAGE" }
  /** The counter takes the latest value, so the right one is told. */
  | { route: "NEW_VALUE" }
  /** The invoice is final: the difference goes into the period that is open now. */
  | { route: "CARRY" }
  /** The invoice is final and there is no open period. */
  | { route: "CREDIT_NOTE" };

/** What was told too much, and what can be done about it. */
export type Overtold = {
  /** What is to be taken back, as a negative quantity. */
  delta: Decimal;
  mode: ReportMode;
  invoice: InvoiceStanding;
  /** Accepted reports of the period, in any order. */
  accepted: readonly CancellableReport[];
  hasOpenPeriod: boolean;
  now: EpochMs;
};

/**
 * Chooses a correction (docs.stripe.com/billing/subscriptions/usage-based/meters/configure). A report is cancelled by name
 * where one alone is the whole difference and Stripe received it less than a day ago; anything else before the invoice is
 * final is a negative value. The latest such report is taken, whose time for it is longest.
 */
export function correctionRoute(overtold: Overtold): CorrectionRoute {
  if (!overtold.delta.lt(ZERO)) throw new RangeError("only what was told too much is corrected");
  if (overtold.invoice === "FINAL") return { route: overtold.hasOpenPeriod ? "CARRY" : "CREDIT_NOTE" };
  if (overtold.mode === "VALUE") return { route: "NEW_VALUE" };
  const fitting = overtold.accepted
    .filter(
      (report) =>
        !report.isCorrected &&
        report.delta.plus(overtold.delta).eq(ZERO) &&
        // The same hour of reserve as for repetitions: the cancellation may itself have to be sent again.
        overtold.now < report.acceptedAt + SAFE_REPEAT_MS,
    )
    .sort((left, right) => right.acceptedAt - left.acceptedAt || right.sequence - left.sequence);
  const [latest] = fitting;
  return latest === undefined ? { route: "NEGATIVE_USAGE" } : { route: "CANCEL", sequence: latest.sequence };
}
