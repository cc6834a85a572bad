import type { EpochMs } from "@meterline/billing-domain";

/** The only source of "now". Everything that needs the time takes a clock, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds since 1970, as an integer. */
  now(): EpochMs;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is told to move; for tests. */
export class FrozenClock implements Clock {
  #at: EpochMs;

  constructor(at: EpochMs) {
    this.#at = at;
  }

  now(): EpochMs {
    return this.#at;
  }

  /** Moves the clock forward. */
  advance(byMs: number): void {
    this.#at += byMs;
  }

  /** Puts the clock at an instant. */
  set(at: EpochMs): void {
    this.#at = at;
  }
}
