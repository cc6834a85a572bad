import type { Decimal } from "../decimal.ts";

/** What tells one difference of a billing period from another. */
export type PeriodDifference = {
  kind: string;
  /** What of the period it is about: `usage:calls`, `base-fee`, `total`, or the id of a line of Stripe's. */
  part: string;
  /** Actual less expected; null where the difference has no units. */
  units: Decimal | null;
  /** Minor units; null where nobody can say. */
  amountMinor: bigint | null;
};

/** A ticket about the same period that was written before; `isSettled` when a person has settled it. */
export type KnownDifference = PeriodDifference & { isSettled: boolean };

/** All of these say how much of a meter Stripe counts or bills, so that one of them follows from another. */
const countKinds: ReadonlySet<string> = new Set([
  "REPORT_DEAD",
  "REPORT_REFUSED",
  "REPORT_PLAN",
  "STRIPE_SUMMARY",
  "INVOICE_QUANTITY",
  "PREVIEW_QUANTITY",
]);

/**
 * Whether a difference was told already, so that it makes no second ticket. One that waits for a person is brought up to
 * date by whoever wrote it. One that a person has settled is told again only with other numbers: then something has
 * changed since.
 */
export function isToldAlready(found: PeriodDifference, known: readonly KnownDifference[]): boolean {
  return known.some((ticket) => {
    if (ticket.part !== found.part) return false;
    const isSame = sameUnits(ticket.units, found.units);
    if (ticket.kind !== found.kind)
      return found.units !== null && isSame && countKinds.has(ticket.kind) && countKinds.has(found.kind);
    return !ticket.isSettled || (isSame && ticket.amountMinor === found.amountMinor);
  });
}

function sameUnits(one: Decimal | null, other: Decimal | null): boolean {
  return one === null || other === null ? one === other : one.eq(other);
}
