const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const QUIET_MS = 3_000;

/** Shows what is under way and how long each step took: a moving line on a terminal, plain lines elsewhere. */
export class Progress {
  #stream;
  #quietMs;

  /** @param {NodeJS.WriteStream} stream @param {{ onlySlowSteps?: boolean }} [options] */
  constructor(stream = process.stdout, { onlySlowSteps = false } = {}) {
    this.#stream = stream;
    this.#quietMs = onlySlowSteps ? QUIET_MS : 0;
  }

  /**
   * Runs one step and shows its time. What `work` answers may carry a `note`, shown behind the title.
   * @template T @param {string} title @param {() => Promise<T>} work @returns {Promise<T>}
   */
  async step(title, work) {
    const startedAt = performance.now();
    const stopShowing = this.#show(title, startedAt);
    try {
      const result = await work();
      stopShowing();
      if (performance.now() - startedAt < this.#quietMs) return result;
      const note = typeof result === "string" && result !== "" ? ` (${result})` : "";
      this.#stream.write(`  ✓ ${title}${note}  ${seconds(startedAt)}\n`);
      return result;
    } catch (error) {
      stopShowing();
      this.#stream.write(`  ✗ ${title}  ${seconds(startedAt)}\n`);
      throw error;
    }
  }

  /** @param {string} text */
  say(text) {
    this.#stream.write(`${text}\n`);
  }

  /** @param {string} title @param {number} startedAt @returns {() => void} ends the showing */
  #show(title, startedAt) {
    if (!this.#stream.isTTY) {
      const timer = setTimeout(() => this.#stream.write(`  … ${title}\n`), QUIET_MS);
      return () => clearTimeout(timer);
    }
    let frame = 0;
    const draw = () => {
      this.#stream.write(`\r\x1b[2K  ${FRAMES[frame++ % FRAMES.length]} ${title}  ${seconds(startedAt)}`);
    };
    draw();
    const timer = setInterval(draw, FRAME_MS);
    return () => {
      clearInterval(timer);
      this.#stream.write("\r\x1b[2K");
    };
  }
}

/** @param {number} startedAt as `performance.now()` gave it @returns {string} the time since, such as "3.2 s" */
export function seconds(startedAt) {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}
