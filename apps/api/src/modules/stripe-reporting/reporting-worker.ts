import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/observability/index.ts";
import type { ReportPlanner } from "./report-planner.ts";
import type { ReportQueue } from "./report-queue.repository.ts";
import type { ReportSender } from "./report-sender.ts";
import { type LeaderWork, pause } from "./reporting-leader.ts";
import type { UncertainSettler } from "./uncertain-settler.ts";

/** What the worker does, and how often. */
export type WorkerParts = {
  clock: Clock;
  logger: Logger;
  planner: ReportPlanner;
  queue: ReportQueue;
  sender: ReportSender;
  settler: UncertainSettler;
  /** From one planning to the next. */
  flushEveryMs: number;
};

const idleMs = 500;
const settleEveryMs = 60_000;

/** What the leader does: plan what moved, send what is due, look after what is uncertain. */
export class ReportingWorker implements LeaderWork {
  readonly #on: WorkerParts;
  #planAt = 0;
  #settleAt = 0;
  #isWoken = false;
  #wake: () => void = () => {};

  constructor(parts: WorkerParts) {
    this.#on = parts;
  }

  async lead(signal: AbortSignal): Promise<void> {
    const { queue, sender, clock } = this.#on;
    signal.addEventListener("abort", () => sender.finish(), { once: true });
    await queue.recover(clock.now());
    while (!signal.aborted) {
      await this.round();
      if (signal.aborted) return;
      await this.#idle(signal);
    }
  }

  lost(): void {
    this.#on.sender.abandon();
  }

  /** Something was planned elsewhere, or is wanted now: the next round begins at once. */
  nudge(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Does what is due by the clock, once. */
  async round(): Promise<void> {
    const { planner, sender, settler, clock, logger, flushEveryMs } = this.#on;
    const now = clock.now();
    if (now >= this.#planAt) {
      this.#planAt = now + flushEveryMs;
      const outcome = await planner.planDue();
      if (outcome.paused) logger.warn("nothing is planned while what is planned already does not get away");
    }
    await sender.drain();
    if (clock.now() >= this.#settleAt) {
      this.#settleAt = clock.now() + settleEveryMs;
      await settler.run();
    }
  }

  async #idle(signal: AbortSignal): Promise<void> {
    if (this.#isWoken) {
      this.#isWoken = false;
      return;
    }
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await pause(idleMs, AbortSignal.any([signal, woken.signal]));
    this.#wake = () => {};
    this.#isWoken = false;
  }
}
