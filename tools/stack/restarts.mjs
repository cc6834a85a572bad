const DELAYS_MS = [0, 1_000, 2_000, 5_000, 10_000, 10_000, 10_000, 10_000];
const STEADY_MS = 60_000;

/**
 * Starts a server again when it ends unasked: at once, then after longer and longer pauses, and not for ever.
 * @typedef {object} RestartOptions
 * @property {string} name as the messages call it
 * @property {() => Promise<void>} start
 * @property {(text: string) => void} say
 * @property {(reason: string) => void} giveUp called once, after the last attempt
 * @property {number[]} [delaysMs] before each attempt
 */
export class Restarts {
  #options;
  #delaysMs;
  #attempts = 0;
  /** @type {Promise<void>} */
  underWay = Promise.resolve();
  #lastStartAt = performance.now();
  #cancelled = false;

  /** @param {RestartOptions} options */
  constructor(options) {
    this.#options = options;
    this.#delaysMs = options.delaysMs ?? DELAYS_MS;
  }

  /** No attempt begins after this; the one under way is waited for when `underWay` is. */
  cancel() {
    this.#cancelled = true;
  }

  /** @param {string} how the server ended @returns {Promise<void>} */
  ended(how) {
    this.underWay = this.#startAgain(how);
    return this.underWay;
  }

  /** @param {string} how @returns {Promise<void>} */
  async #startAgain(how) {
    let reason = how;
    if (performance.now() - this.#lastStartAt > STEADY_MS) this.#attempts = 0;
    while (!this.#cancelled) {
      const delayMs = this.#delaysMs[this.#attempts];
      if (delayMs === undefined) {
        this.#cancelled = true;
        this.#options.giveUp(`${this.#options.name} ended ${this.#attempts + 1} times, the last time with ${reason}.`);
        return;
      }
      this.#attempts += 1;
      const { name, say } = this.#options;
      say(`${name} ended unexpectedly (${reason}); starting it again (${this.#attempts} of ${this.#delaysMs.length}).`);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (this.#cancelled) return;
      this.#lastStartAt = performance.now();
      try {
        await this.#options.start();
        if (!this.#cancelled) say(`${name} runs again.`);
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  }
}
