const dayMs = 86_400_000;
const monthMs = 30 * dayMs;
const hourMs = 3_600_000;

/** Of Stripe's read allowance, so much is for listing events while nothing is missing. */
const idleShare = 0.2;
/** Listing stops where less than this is left of it: handlers and ends of periods need the rest. */
const reservedShare = 0.1;

/**
 * How long to wait after a pass of so many GETs: as wanted, or longer where that would cost more than a fifth of the
 * account's read allowance; an hour at most.
 */
export function waitAfterPass(of: { everyMs: number; reads: number; readsPerMonth: number }): number {
  const affordedMs = (of.reads * monthMs) / Math.max(1, of.readsPerMonth * idleShare);
  return Math.round(Math.min(Math.max(of.everyMs, affordedMs), Math.max(of.everyMs, hourMs)));
}

/** Whether enough of the allowance is left to list events. */
export function mayList(of: { left: number; readsPerMonth: number }): boolean {
  return of.left > of.readsPerMonth * reservedShare;
}

/** No order is guaranteed, and clocks differ: what happened so shortly before the last pass is listed again. */
export const overlapMs = hourMs / 2;
/** What happened so shortly ago is still on its way as a webhook, and is left to the next pass. */
export const underWayMs = 60_000;
/** Stripe keeps events so long: https://docs.stripe.com/event-destinations */
export const keptMs = monthMs;
