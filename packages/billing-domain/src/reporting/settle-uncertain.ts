import { type Decimal, ZERO } from "../decimal.ts";
import { summaryAgrees } from "./summary-value.ts";
import type { EpochMs, Window } from "../window.ts";

/** A report of which it is not known whether it was counted. */
export type UncertainReport = { sequence: number; delta: Decimal };

/** What is known of one customer and meter over a stretch of time that Stripe's summary covers too. */
export type SettlementEvidence = {
  /** What Stripe's summary says of the stretch. */
  counted: Decimal;
  /** The sum of our reports there that are known to be counted. */
  certain: Decimal;
  uncertain: readonly UncertainReport[];
  /** When the last of them was last sent. */
  lastSentAt: EpochMs;
  now: EpochMs;
  /** Times in a row, this one included, that the summary said the same. */
  sameReads: number;
};

/** What the summary says. COUNTED and NOT_COUNTED hold sequences; WAIT is for a summary that may not be up to date. */
export type Settlement =
  | { kind: "SETTLED"; counted: number[]; notCounted: number[] }
  | { kind: "WAIT" }
  /** No choice of the uncertain ones explains the summary: a person decides. */
  | { kind: "UNDECIDABLE" };

/** Summaries are updated later, without a published bound; in practice within two minutes. Five times that is believed. */
export const QUIET_MS = 600_000;
/** Reads that must agree before something is said not to be counted, because sending it again could not be taken back. */
const READS_TO_DENY = 2;
/** Subsets grow as powers of two; more uncertain reports than this in one stretch are for a person. */
const MAX_UNCERTAIN = 14;

/**
 * Decides which of the uncertain reports were counted. "All of them" is believed at once, since a summary never shows what
 * did not come; anything less only when the summary has had time and said it twice.
 */
export function settleUncertain(evidence: SettlementEvidence): Settlement {
  const { uncertain } = evidence;
  const missing = evidence.counted.minus(evidence.certain);
  const whole = uncertain.reduce((sum, report) => sum.plus(report.delta), ZERO);
  const all = uncertain.map((report) => report.sequence);
  if (missing.eq(whole) || summaryAgrees(evidence.counted, evidence.certain.plus(whole)))
    return { kind: "SETTLED", counted: all, notCounted: [] };
  const isQuiet = evidence.now >= evidence.lastSentAt + QUIET_MS;
  if (!isQuiet || evidence.sameReads < READS_TO_DENY) return { kind: "WAIT" };
  if (missing.eq(ZERO) || summaryAgrees(evidence.counted, evidence.certain))
    return { kind: "SETTLED", counted: [], notCounted: all };
  const explains = (sum: Decimal) => summaryAgrees(evidence.counted, evidence.certain.plus(sum));
  const counted = uncertain.length > MAX_UNCERTAIN ? null : largestSubset(uncertain, explains);
  if (counted === null) return { kind: "UNDECIDABLE" };
  return { kind: "SETTLED", counted, notCounted: all.filter((sequence) => !counted.includes(sequence)) };
}

/** The whole minutes around instants, which a summary can be asked for: both ends on a minute, in UTC. */
export function minutesAround(instants: readonly EpochMs[]): Window {
  const minute = 60_000;
  const first = Math.min(...instants);
  const last = Math.max(...instants);
  return { startAt: Math.floor(first / minute) * minute, endAt: (Math.floor(last / minute) + 1) * minute };
}

/** The reports whose sum explains it, as many as possible; where several choices do, they are worth the same. */
function largestSubset(reports: readonly UncertainReport[], explains: (sum: Decimal) => boolean): number[] | null {
  let best: number[] | null = null;
  const choose = (index: number, sum: Decimal, chosen: number[]): void => {
    const report = reports[index];
    if (report === undefined) {
      if (chosen.length > (best?.length ?? -1) && explains(sum)) best = chosen;
      return;
    }
    choose(index + 1, sum.plus(report.delta), [...chosen, report.sequence]);
    choose(index + 1, sum, chosen);
  };
  choose(0, ZERO, []);
  return best;
}
