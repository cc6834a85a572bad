import type { UndeliveredUsage, UsageRefusedError } from "./outcome.ts";
import type { UsageRecord } from "./usage-record.ts";

/** One batch that the API answered. Counts are events. */
export type BatchMetric = {
  readonly events: number;
  readonly recorded: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Of the attempt that was answered. */
  readonly durationMs: number;
  /** 1 when the first attempt was answered. */
  readonly attempts: number;
};

/** One attempt that failed and will be repeated with the same keys. */
export type RetryMetric = {
  readonly events: number;
  /** 1 is the first retry. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly code: string;
  readonly message: string;
};

/** Something an operator should know. */
export type ClientProblem = {
  readonly code:
    | "SPILL_DAMAGED"
    | "SPILL_WRITE_FAILED"
    | "SPILL_READ_FAILED"
    | "SPILL_LOCK_LOST"
    | "HALTED"
    | "HOOK_FAILED";
  readonly message: string;
};

/** Called synchronously; keep them short. One that throws is reported as a problem and harms nothing else. */
export type UsageClientHooks = {
  readonly onBatch?: (batch: BatchMetric) => void;
  readonly onRetry?: (retry: RetryMetric) => void;
  readonly onSpill?: (spill: { readonly events: number; readonly spilledBytes: number }) => void;
  readonly onDrain?: (drain: { readonly events: number; readonly spilledBytes: number }) => void;
  /** Events that will not be recorded. Without this hook they become process warnings. */
  readonly onUndelivered?: (undelivered: UndeliveredUsage) => void;
  /** `record()` said no. Without this hook it becomes a process warning. */
  readonly onRefused?: (error: UsageRefusedError, record: UsageRecord) => void;
  /** Without this hook it becomes a process warning. */
  readonly onProblem?: (problem: ClientProblem) => void;
};

const WARNING_INTERVAL_MS = 10_000;

/** Calls the hooks safely, and turns what nobody listens to into process warnings, at most one in ten seconds per kind. */
export class HookCaller {
  readonly #hooks: UsageClientHooks;
  readonly #now: () => number;
  readonly #warnings = new Map<string, { lastAt: number; suppressed: number }>();

  constructor(hooks: UsageClientHooks, now: () => number) {
    this.#hooks = hooks;
    this.#now = now;
  }

  batch(metric: BatchMetric): void {
    this.#call(() => this.#hooks.onBatch?.(metric));
  }

  retry(metric: RetryMetric): void {
    this.#call(() => this.#hooks.onRetry?.(metric));
  }

  spill(events: number, spilledBytes: number): void {
    this.#call(() => this.#hooks.onSpill?.({ events, spilledBytes }));
  }

  drain(events: number, spilledBytes: number): void {
    this.#call(() => this.#hooks.onDrain?.({ events, spilledBytes }));
  }

  undelivered(undelivered: UndeliveredUsage): void {
    const { outcome, usage } = undelivered;
    const { code, message } = outcome.outcome === "REJECTED" ? outcome.rejection : outcome.failure;
    if (this.#hooks.onUndelivered) this.#call(() => this.#hooks.onUndelivered?.(undelivered));
    else this.#warn("UNDELIVERED", `Usage ${usage.idempotencyKey} was not recorded: ${code}: ${message}`);
  }

  refused(error: UsageRefusedError, record: UsageRecord): void {
    if (this.#hooks.onRefused) this.#call(() => this.#hooks.onRefused?.(error, record));
    else this.#warn("REFUSED", `record() refused an event: ${error.code}: ${error.message}`);
  }

  problem(problem: ClientProblem): void {
    if (this.#hooks.onProblem) this.#call(() => this.#hooks.onProblem?.(problem));
    else this.#warn(problem.code, problem.message);
  }

  /** Runs a caller's function; what it throws becomes a problem. */
  guard(task: () => void): void {
    this.#call(task);
  }

  #call(task: () => void): void {
    try {
      task();
    } catch (error) {
      const message = `A usage-client hook threw: ${error instanceof Error ? error.message : String(error)}`;
      this.#warn("HOOK_FAILED", message);
    }
  }

  #warn(kind: string, message: string): void {
    const at = this.#now();
    const previous = this.#warnings.get(kind);
    if (previous && at - previous.lastAt < WARNING_INTERVAL_MS) {
      previous.suppressed += 1;
      return;
    }
    const suffix = previous && previous.suppressed > 0 ? ` (and ${previous.suppressed} more like it)` : "";
    this.#warnings.set(kind, { lastAt: at, suppressed: 0 });
    process.emitWarning(message + suffix, { type: "MeterlineUsageClient", code: kind });
  }
}
