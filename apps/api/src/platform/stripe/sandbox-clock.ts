import type { EpochMs } from "@meterline/billing-domain";
import type { Clock } from "../clock.ts";
import type { Logger } from "../observability/index.ts";

const pollMs = 500;
const timeoutMs = 5_000;
const leastMoveMs = 2_000;

/**
 * The time of a sandbox: the machine's, plus what the sandbox's clock was moved forward by. With it a person can let a
 * month pass and watch Meterline and the stand-in close it together. Only ever made where a sandbox stands in for Stripe.
 */
export class SandboxClock implements Clock {
  readonly #machine: Clock;
  readonly #stateUrl: string;
  readonly #logger: Logger;
  #offsetMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: { sandboxUrl: string; machine: Clock; logger: Logger }) {
    this.#machine = parts.machine;
    this.#stateUrl = new URL("/_sandbox/state", parts.sandboxUrl).href;
    this.#logger = parts.logger;
  }

  now(): EpochMs {
    return this.#machine.now() + this.#offsetMs;
  }

  /** Asks for the time, then keeps asking. A sandbox that does not answer leaves the time as it was. */
  async start(): Promise<void> {
    await this.#ask();
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.start(), pollMs);
    this.#timer.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    try {
      const response = await fetch(this.#stateUrl, { signal: AbortSignal.timeout(timeoutMs) });
      const { now } = (await response.json()) as { now?: unknown };
      const at = typeof now === "string" ? Date.parse(now) : Number.NaN;
      const offsetMs = at - this.#machine.now();
      // Its answer took its time; a move is longer than that, and only ever forward.
      if (offsetMs - this.#offsetMs > leastMoveMs) this.#offsetMs = offsetMs;
    } catch (error) {
      this.#logger.debug({ err: error }, "the sandbox does not tell its time");
    }
  }
}
