/** Real time for a budget; a test puts its own. Not the process's clock, which may stand still while calls are made. */
export type Timer = { now(): number; wait(ms: number): Promise<void> };

/** The machine's monotonic time. */
export const realTimer: Timer = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** A tenth of a second's tokens may be spent at once, so that a pause is made up for without a burst that meets a limit. */
const defaultBurstMs = 100;

/**
 * A token bucket: so many tokens a second, in the order in which they are asked for. Callers wait; nothing is refused.
 * It holds no queue of its own: each caller is told how long to wait, so memory is that of the callers.
 */
export class RateBudget {
  readonly perSecond: number;
  readonly #msPerToken: number;
  readonly #timer: Timer;
  readonly #burstMs: number;
  /** When the next token is free, in the timer's milliseconds. */
  #freeAt: number;

  /** `burstMs` of tokens may be spent at once: a busy process is held up now and then, and would else lose what it missed. */
  constructor(perSecond: number, timer: Timer = realTimer, burstMs: number = defaultBurstMs) {
    this.perSecond = perSecond;
    this.#msPerToken = 1_000 / perSecond;
    this.#timer = timer;
    this.#burstMs = burstMs;
    this.#freeAt = timer.now() - burstMs;
  }

  /** Resolves when `tokens` may be spent. */
  async take(tokens = 1): Promise<void> {
    const now = this.#timer.now();
    const startAt = Math.max(this.#freeAt, now - this.#burstMs);
    this.#freeAt = startAt + tokens * this.#msPerToken;
    if (startAt > now) await this.#timer.wait(startAt - now);
  }

  /** After a refusal for too many calls: nothing is spent for so long, by nobody. */
  pause(ms: number): void {
    this.#freeAt = Math.max(this.#freeAt, this.#timer.now() + ms);
  }
}
