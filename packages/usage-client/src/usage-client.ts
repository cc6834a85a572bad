import { randomUUID } from "node:crypto";
import { type ResolvedOptions, resolveOptions, type UsageClientOptions } from "./client-options.ts";
import { Delivery, type QueuedUsage, type Undelivered } from "./delivery.ts";
import { HookCaller } from "./hooks.ts";
import { type RecordReceipt, type RefusalCode, UsageRefusedError, type UsageOutcome } from "./outcome.ts";
import { SettlementWatch } from "./settlement-watch.ts";
import { SpillStore } from "./spill-store.ts";
import { UsageQueue } from "./usage-queue.ts";
import { prepareUsage, type RecordUsageInput, type UsageRecord } from "./usage-record.ts";

const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Records usage from a product backend: batches events, repeats failed requests on the same keys, keeps events on disk
 * while the API is down, and says no when its bounds are reached. See the README for what is guaranteed.
 */
export class UsageClient {
  readonly #options: ResolvedOptions;
  readonly #hooks: HookCaller;
  readonly #stop = new AbortController();
  readonly #delivery: Delivery;
  readonly #spill: SpillStore | null;
  readonly #queue = new UsageQueue();
  readonly #watch = new SettlementWatch(() => this.#queue.first?.sequence);
  #lastSequence = 0;
  /** Events up to this one leave without waiting for a full batch. */
  #dueThrough = 0;
  #inFlight = 0;
  /** Events in memory: waiting or being sent. */
  #buffered = 0;
  #ageTimer: (() => void) | null = null;
  #isClosed = false;
  #closing: Promise<void> | null = null;
  #roomWaiters: (() => void)[] = [];

  /** Throws `UsageClientOptionError` for an option out of bounds, `SpillDirectoryLockedError` for a directory in use. */
  constructor(options: UsageClientOptions) {
    const resolved = resolveOptions(options);
    this.#options = resolved;
    this.#hooks = new HookCaller(resolved.hooks, resolved.clock.now);
    this.#delivery = this.#deliveryFor(this.#stop.signal);
    const { spillDirectory, maxSpillBytes: maxBytes, spillSegmentBytes: segmentBytes } = resolved;
    const { batchSize, clock } = resolved;
    this.#spill =
      spillDirectory === null
        ? null
        : new SpillStore({
            directory: spillDirectory,
            maxBytes,
            segmentBytes,
            batchSize,
            clock,
            hooks: this.#hooks,
            deliveryFor: (signal) => this.#deliveryFor(signal),
            onRoom: () => this.#advance(),
          });
  }

  /** Events in memory, waiting or being sent; never more than `maxBuffered`. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Bytes of events on disk that the API has not answered for. */
  get spilledBytes(): number {
    return this.#spill?.bytes ?? 0;
  }

  /**
   * Takes one event and returns at once; it never throws and never waits. Key and time are fixed here, before anything
   * is sent. An event that was not accepted is nowhere: on BACK_PRESSURE, `await client.ready()` and record it again.
   */
  record(record: UsageRecord): RecordReceipt {
    return this.#take(record, null);
  }

  /** Like `record`, and tells what became of the event. Always resolves; what `record` refuses is FAILED with kind REFUSED. */
  recordAndWait(record: UsageRecord): Promise<UsageOutcome> {
    return new Promise((resolve) => {
      const receipt = this.#take(record, resolve);
      if (receipt.accepted) return;
      const { code, message } = receipt.error;
      resolve({ outcome: "FAILED", failure: { kind: "REFUSED", code, message } });
    });
  }

  /** Resolves when there is room for an event, or the client is closed. */
  ready(): Promise<void> {
    if (this.#isClosed || this.#buffered < this.#options.maxBuffered) return READY;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** Sends what waits. Resolves when each event recorded before this call was answered, is safe on disk, or failed. */
  flush(): Promise<void> {
    this.#dueThrough = this.#lastSequence;
    this.#advance();
    return this.#watch.settled(this.#lastSequence);
  }

  /** Resolves when the API has answered for everything that was on disk, or the client is closed. */
  async drained(): Promise<void> {
    await this.#spill?.drained();
  }

  /**
   * Takes no more events, flushes for at most `timeoutMs` (default 10,000), then keeps the rest on disk; without a spill
   * directory the rest fails with code CLOSED. What is on disk is delivered by the next client on that directory.
   */
  close({ timeoutMs = CLOSE_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  #take(record: UsageRecord, settle: QueuedUsage["settle"]): RecordReceipt {
    if (this.#isClosed) return this.#refuse(record, "CLOSED", "The client is closed.");
    const preparation = prepareUsage(record, { now: this.#options.clock.now(), newKey: randomUUID });
    if (!preparation.ok) return this.#refuse(record, "INVALID_INPUT", preparation.message, preparation.field);
    const { json, idempotencyKey } = preparation.usage;
    const event: QueuedUsage = { json, sequence: this.#lastSequence + 1, settle };
    if (this.#spill && !this.#spill.isEmpty && this.#queue.length === 0 && this.#spill.append([json])) {
      this.#lastSequence += 1;
      void this.#settleSpilled([event]);
      return { accepted: true, held: "SPILLED", idempotencyKey };
    }
    if (this.#buffered >= this.#options.maxBuffered) {
      return this.#refuse(record, "BACK_PRESSURE", `${this.#buffered} events are waiting; await ready().`);
    }
    this.#lastSequence += 1;
    this.#buffered += 1;
    this.#queue.push(event);
    if (this.#queue.length >= this.#options.batchSize) this.#advance();
    else this.#watchAge();
    return { accepted: true, held: "BUFFERED", idempotencyKey };
  }

  #refuse(record: UsageRecord, code: RefusalCode, message: string, field: string | null = null): RecordReceipt {
    const error = new UsageRefusedError(code, message, field);
    this.#hooks.refused(error, record);
    return { accepted: false, error };
  }

  #watchAge(): void {
    this.#ageTimer ??= this.#options.clock.schedule(
      this.#options.maxAgeMs,
      () => {
        this.#ageTimer = null;
        this.#dueThrough = this.#lastSequence;
        this.#advance();
      },
      true,
    );
  }

  /** Moves events on, as far as the bounds allow, and tells those who wait for it. */
  #advance(): void {
    const { batchSize, maxInFlight } = this.#options;
    if (this.#spill && !this.#spill.isEmpty) this.#moveToDisk();
    else {
      while (this.#inFlight < maxInFlight && this.#queue.isDue(batchSize, this.#dueThrough)) {
        void this.#send(this.#queue.take(batchSize));
      }
      if (this.#queue.length > 0 && this.#inFlight < maxInFlight) this.#watchAge();
    }
    if (this.#isClosed || this.#buffered < this.#options.maxBuffered) {
      for (const resolve of this.#roomWaiters.splice(0)) resolve();
    }
    this.#watch.wake();
  }

  async #send(events: readonly QueuedUsage[]): Promise<void> {
    const end = this.#watch.begin(events[0]?.sequence ?? 0);
    this.#inFlight += 1;
    const undelivered = await this.#delivery.deliver(events, {
      mayRetry: ({ elapsedMs }) => this.#mayRetry(elapsedMs),
      keepsProcessAlive: true,
    });
    this.#inFlight -= 1;
    if (undelivered) this.#keep(undelivered);
    end();
    this.#advance();
  }

  #mayRetry(elapsedMs: number): boolean {
    const { spillAfterMs, giveUpAfterMs } = this.#options;
    if (!this.#spill?.isUsable) return elapsedMs < giveUpAfterMs;
    // While events go to disk, one request at a time finds out when the API is back: the one of the drain.
    return !this.#isClosed && this.#spill.isEmpty && elapsedMs < spillAfterMs;
  }

  /** Events whose attempts ended without an answer: to disk where there is one, else back to memory or failed. */
  #keep({ events, failure }: Undelivered): void {
    const hasDisk = this.#spill?.isUsable === true;
    if (hasDisk && this.#spill?.append(events.map((event) => event.json))) {
      this.#buffered -= events.length;
      void this.#settleSpilled(events);
    } else if (hasDisk && failure.kind === "RETRYABLE" && !this.#stop.signal.aborted) {
      this.#queue.putBack(events);
      this.#dueThrough = Math.max(this.#dueThrough, events.at(-1)?.sequence ?? 0);
    } else {
      const { kind, code, message } = failure;
      for (const event of events) {
        this.#settle(event, {
          outcome: "FAILED",
          failure: this.#stop.signal.aborted ? CLOSED : { kind, code, message },
        });
      }
    }
  }

  #moveToDisk(): void {
    while (this.#spill && this.#queue.length > 0) {
      const events = this.#queue.peek(this.#options.batchSize);
      if (!this.#spill.append(events.map((event) => event.json))) return;
      this.#queue.take(events.length);
      this.#buffered -= events.length;
      void this.#settleSpilled(events);
    }
  }

  async #settleSpilled(events: readonly QueuedUsage[]): Promise<void> {
    const end = this.#watch.begin(events[0]?.sequence ?? 0);
    await this.#spill?.synced();
    end();
    for (const event of events) {
      if (event.settle) this.#hooks.guard(() => event.settle?.({ outcome: "SPILLED" }));
    }
    if (this.#watch.hasWaiters || this.#roomWaiters.length > 0) this.#advance();
  }

  #settle(event: QueuedUsage, outcome: UsageOutcome): void {
    // Sequence −1: read from disk, not in memory's count.
    if (event.sequence >= 0) this.#buffered -= 1;
    if (event.settle) this.#hooks.guard(() => event.settle?.(outcome));
    if (outcome.outcome === "REJECTED" || outcome.outcome === "FAILED") {
      this.#hooks.undelivered({ usage: JSON.parse(event.json) as RecordUsageInput, outcome });
    }
  }

  #deliveryFor(signal: AbortSignal): Delivery {
    const { endpoint, apiKey, requestTimeoutMs, initialBackoffMs, maxBackoffMs, clock } = this.#options;
    return new Delivery({
      connection: { endpoint, apiKey, requestTimeoutMs },
      backoff: { initialBackoffMs, maxBackoffMs },
      clock,
      hooks: this.#hooks,
      signal,
      settle: (event, outcome) => this.#settle(event, outcome),
    });
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    const flushed = this.flush();
    const cancel = this.#options.clock.schedule(timeoutMs, () => this.#stopSending(), true);
    await flushed;
    cancel();
    this.#stop.abort();
    this.#ageTimer?.();
    await this.#spill?.close();
  }

  /** Ends requests and waits: their events go to disk or fail, and so do those that never left. */
  #stopSending(): void {
    this.#stop.abort();
    const events = this.#queue.take(this.#queue.length);
    if (events.length > 0) this.#keep({ events, failure: { ...CLOSED, retryAfterMs: null } });
    this.#advance();
  }
}

const READY = Promise.resolve();
const CLOSED = {
  kind: "RETRYABLE",
  code: "CLOSED",
  message: "The client was closed before the API answered.",
} as const;
