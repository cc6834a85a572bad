/**
 * How many GETs a look at Stripe may still make. Each is taken before it is made, so the purse is never overdrawn, however
 * much one customer has to ask.
 */
export class ReadPurse {
  #left: number;
  #spent = 0;
  #wasShort = false;

  constructor(left: number) {
    this.#left = Math.max(0, Math.floor(left));
  }

  /** Takes one read; false when there is none, and then it must not be made. */
  take(): boolean {
    if (this.#left === 0) {
      this.#wasShort = true;
      return false;
    }
    this.#left -= 1;
    this.#spent += 1;
    return true;
  }

  /** Reads that were taken. */
  get spent(): number {
    return this.#spent;
  }

  /** Whether a read was wanted and not there. */
  get wasShort(): boolean {
    return this.#wasShort;
  }
}

/** With a run each night, all of them use half of Stripe's read allowance of 30 days. */
const runsToUseAllOfIt = 60;
/** What scheduled runs leave untouched in any case. */
const reservedShare = 0.3;

/** The most GETs of one scheduled run: a night's part of the allowance, so that no night takes what the others need. */
export function readsOfScheduledRun(readsPerMonth: number): number {
  return Math.floor(readsPerMonth / runsToUseAllOfIt);
}

/** What a scheduled run may still read: of its own part, and of what all of them leave to the ends of periods. */
export function purseOfScheduledRun(of: { readsPerMonth: number; left: number; spent: number }): ReadPurse {
  const own = readsOfScheduledRun(of.readsPerMonth) - of.spent;
  return new ReadPurse(Math.min(own, of.left - of.readsPerMonth * reservedShare));
}
