/** Time and chance, as the client sees them. Passed in so that tests decide both. */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Runs `task` once after `delayMs`; the answer cancels it. A task that holds events only in memory keeps the process
   * alive until it ran; one whose events are safe on disk does not.
   */
  readonly schedule: (delayMs: number, task: () => void, keepsProcessAlive: boolean) => () => void;
  /** At least 0, below 1. */
  readonly random: () => number;
};

/** The machine's own clock and random source. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, task, keepsProcessAlive) => {
    const timer = setTimeout(task, delayMs);
    if (!keepsProcessAlive) timer.unref();
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Waits `delayMs`, or less when `signal` is aborted. Never throws. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal, keepsProcessAlive: boolean): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      cancel();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.schedule(delayMs, finish, keepsProcessAlive);
    signal.addEventListener("abort", finish, { once: true });
  });
}
