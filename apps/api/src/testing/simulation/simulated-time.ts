import type { EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";

/** Time as Stripe has it, and as we have it: ours may be ahead or behind. It moves when the schedule says so. */
export class SimulatedTime {
  #stripeAt: EpochMs;
  #skewMs = 0;
  /** What the product is given. */
  readonly ours: Clock = { now: () => this.#stripeAt + this.#skewMs };
  /** What the sandbox is given. */
  readonly stripes: Clock = { now: () => this.#stripeAt };

  constructor(startAt: EpochMs) {
    this.#stripeAt = startAt;
  }

  advance(byMs: number): void {
    this.#stripeAt += byMs;
  }

  /** Ours is ahead of Stripe's by so much from now on. */
  skew(ms: number): void {
    this.#skewMs = ms;
  }
}
