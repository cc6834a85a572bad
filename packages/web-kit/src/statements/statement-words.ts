import type { StatementKind, StatementLineKind, StatementState } from "../gql/graphql.ts";

/** How a statement stands, and how loud that is said. */
export const STATEMENT_STATES: Record<StatementState, { word: string; tone: "accent" | "warn" | undefined }> = {
  PREPARING: { word: "Being prepared", tone: "accent" },
  HELD: { word: "Held", tone: "warn" },
  FINAL: { word: "Final", tone: undefined },
};

/** Why a statement is issued. */
export const STATEMENT_KINDS: Record<StatementKind, string> = {
  PERIOD_END: "Billing period",
  START: "Start of the subscription",
  LATE: "Late corrections",
};

/** What became of an invoice, from Stripe's word for it. */
export function paymentWords(status: string | null, failed: boolean): string {
  if (failed) return "Payment failed";
  const words: Record<string, string> = {
    draft: "Not sent yet",
    open: "Open",
    paid: "Paid",
    void: "Voided",
    uncollectible: "Uncollectible",
  };
  return status === null ? "Not sent yet" : (words[status] ?? status);
}

/** Whether a line is what Stripe's invoice did not charge of another one, and the open period bills. */
export const isUncharged = (kind: StatementLineKind): boolean => kind === "UNCHARGED";

/** Whether a line is about usage of a period that was closed before. */
export const isLate = (kind: StatementLineKind): boolean => kind === "LATE_USAGE" || kind === "LATE_BOUND";
