const quarter = 4;
const longestMs = 3 * 3_600_000;

/**
 * When a ticket is looked at again by itself: as often as wanted at first, later after a quarter of the time that it has
 * waited, three hours at most. A look costs reads of Stripe's allowance, and what waits for days is in no hurry.
 */
export function lookAgainAfter(everyMs: number, waitedMs: number): number {
  return Math.max(everyMs, Math.min(Math.round(waitedMs / quarter), longestMs));
}
