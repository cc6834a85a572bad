/**
 * Where a meter report stands.
 *
 * - PENDING: to be told, now or at a set time.
 * - SENDING: taken up; a process that dies leaves it here, and whether Stripe was told is then unknown.
 * - ACCEPTED: Stripe answered that it has it, which is not yet "counted".
 * - CONFIRMED: Stripe's own summary has it.
 * - UNCERTAIN: it may have been counted and must not be sent again before that is known.
 * - NOT_COUNTED: it was found not to be counted; a new report took its place.
 * - REFUSED: Stripe accepted it and refused it later, by an error report.
 * - DEAD: Stripe refused it, or it could not be sent any more. A person looks at it.
 */
export type ReportState =
  | "PENDING"
  | "SENDING"
  | "ACCEPTED"
  | "CONFIRMED"
  | "UNCERTAIN"
  | "NOT_COUNTED"
  | "REFUSED"
  | "DEAD";

/** Every state, in the order of a life that goes well, then the others. */
export const REPORT_STATES: readonly ReportState[] = [
  "PENDING",
  "SENDING",
  "ACCEPTED",
  "CONFIRMED",
  "UNCERTAIN",
  "NOT_COUNTED",
  "REFUSED",
  "DEAD",
];

const NEXT: Readonly<Record<ReportState, readonly ReportState[]>> = {
  // Too late to be sent, or nobody to send it to: DEAD. A retry that came too late to be safe: UNCERTAIN. An error report
  // may name one whose answer was lost: REFUSED.
  PENDING: ["SENDING", "UNCERTAIN", "REFUSED", "DEAD"],
  SENDING: ["PENDING", "ACCEPTED", "UNCERTAIN", "NOT_COUNTED", "REFUSED", "DEAD"],
  ACCEPTED: ["CONFIRMED", "REFUSED", "UNCERTAIN"],
  CONFIRMED: [],
  UNCERTAIN: ["ACCEPTED", "NOT_COUNTED", "REFUSED", "DEAD"],
  NOT_COUNTED: [],
  REFUSED: [],
  DEAD: [],
};

/** Whether a report may go from one state to another. Nothing leaves a state that has no successor. */
export function mayBecome(from: ReportState, to: ReportState): boolean {
  return NEXT[from].includes(to);
}

/** The states that a report may be in to become `to`; what an UPDATE asks for. */
export function statesBefore(to: ReportState): ReportState[] {
  return REPORT_STATES.filter((from) => mayBecome(from, to));
}

/** States in which Stripe has been told, as far as it has answered. Their sum is the told total. */
export const TOLD_STATES: readonly ReportState[] = ["ACCEPTED", "CONFIRMED"];

/** States in which something still has to happen before a period's total is settled. */
export const UNSETTLED_STATES: readonly ReportState[] = ["PENDING", "SENDING", "UNCERTAIN"];

/** States that wait for a person until a new report takes their place. */
export const DEAD_STATES: readonly ReportState[] = ["REFUSED", "DEAD"];
