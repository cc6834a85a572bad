import * as fs from "node:fs";
import { type Clock, pause } from "./clock.ts";
import type { Delivery, QueuedUsage } from "./delivery.ts";
import type { HookCaller } from "./hooks.ts";
import { HEARTBEAT_MS, SpillLock } from "./spill-lock.ts";
import { SpillLog, type SpillSegment } from "./spill-log.ts";

/** While the key or the address is wrong, the API is asked this seldom. */
const HALTED_PROBE_MS = 60_000;
/** After the disk refused a write, memory is used alone for this long. */
const DISK_REST_MS = 30_000;

export type SpillStoreOptions = {
  readonly directory: string;
  readonly maxBytes: number;
  readonly segmentBytes: number;
  readonly batchSize: number;
  readonly clock: Clock;
  readonly hooks: HookCaller;
  /** Makes the way to the API that ends when `signal` is aborted. */
  readonly deliveryFor: (signal: AbortSignal) => Delivery;
  /** A segment was delivered: there is room, and perhaps nothing left on disk. */
  readonly onRoom: () => void;
};

/**
 * The spill directory of one process: holds its lock, takes events and brings them to the API in the order in which
 * they were written, for as long as the process lives. A file is deleted only after the API answered for each of its events.
 */
export class SpillStore {
  readonly #options: SpillStoreOptions;
  readonly #lock: SpillLock;
  readonly #log: SpillLog;
  readonly #stop = new AbortController();
  readonly #delivery: Delivery;
  #draining: Promise<void> | null = null;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #isLost = false;
  #cancelHeartbeat: () => void = () => undefined;

  /** Claims the directory, and begins to deliver what an earlier process left. Throws `SpillDirectoryLockedError`. */
  constructor(options: SpillStoreOptions) {
    this.#options = options;
    fs.mkdirSync(options.directory, { recursive: true, mode: 0o700 });
    this.#lock = SpillLock.acquire(options.directory);
    this.#log = new SpillLog(options.directory, options);
    this.#delivery = options.deliveryFor(this.#stop.signal);
    this.#scheduleHeartbeat();
    this.#wake();
  }

  get bytes(): number {
    return this.#log.bytes;
  }

  /** True when no event of ours waits on disk; what lies in a directory that another process took is no longer ours. */
  get isEmpty(): boolean {
    return this.#isLost || this.#log.isEmpty;
  }

  /** False while the disk refuses writes, and for good once another process took the directory. */
  get isUsable(): boolean {
    return !this.#isLost && this.#options.clock.now() >= this.#restsUntil;
  }

  /** Writes events, all or none. False when they do not fit or the disk refuses. */
  append(events: readonly string[]): boolean {
    if (!this.isUsable) return false;
    try {
      const isWritten = this.#log.append(events);
      if (isWritten) this.#options.hooks.spill(events.length, this.#log.bytes);
      // With nothing on disk, nothing will make room: these events are too large for the bound.
      else if (this.#log.isEmpty) this.#rest();
      if (isWritten) this.#wake();
      return isWritten;
    } catch (error) {
      this.#reportWriteFailure(error);
      return false;
    }
  }

  /** Resolves when everything appended so far is on the disk, or the disk said that it is not (which is reported). */
  async synced(): Promise<void> {
    try {
      await this.#log.synced();
    } catch (error) {
      this.#reportWriteFailure(error);
    }
  }

  /** Resolves when nothing is left on disk, or the store is closed. */
  async drained(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  /** Stops delivering, and gives the directory to the next process. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelHeartbeat();
    await this.#draining;
    try {
      await this.#log.close();
    } catch (error) {
      this.#reportWriteFailure(error);
    }
    this.#lock.release();
  }

  #wake(): void {
    if (this.#draining !== null || this.#stop.signal.aborted || this.#isLost || this.#log.isEmpty) return;
    this.#draining = this.#drain().finally(() => {
      this.#draining = null;
      if (!this.#stop.signal.aborted) this.#wake();
    });
  }

  async #drain(): Promise<void> {
    for (let segment = this.#log.oldest(); segment !== null; segment = this.#log.oldest()) {
      if (this.#isLost || !(await this.#drainSegment(segment))) return;
      this.#options.onRoom();
    }
  }

  /** False when the store is closing: the segment stays, and is delivered again by the next process. */
  async #drainSegment(segment: SpillSegment): Promise<boolean> {
    const { hooks, clock, batchSize } = this.#options;
    const { signal } = this.#stop;
    try {
      await this.synced();
      const { events, isTorn, damagedLines } = await this.#log.read(segment);
      for (let start = 0; start < events.length; start += batchSize) {
        if (!(await this.#deliver(events.slice(start, start + batchSize)))) return false;
      }
      if (damagedLines > 0 || isTorn) {
        const kept = damagedLines > 0 ? `; kept as ${segment.path}.damaged` : "";
        const message = `${segment.path}: ${damagedLines} damaged lines${isTorn ? " and a torn last line" : ""}${kept}.`;
        hooks.problem({ code: "SPILL_DAMAGED", message });
      }
      await this.#log.remove(segment, damagedLines > 0 ? ".damaged" : null);
      hooks.drain(events.length, this.#log.bytes);
      return true;
    } catch (error) {
      hooks.problem({ code: "SPILL_READ_FAILED", message: `${segment.path}: ${messageOf(error)}` });
      await pause(clock, DISK_REST_MS, signal, false);
      return !signal.aborted;
    }
  }

  async #deliver(events: readonly string[]): Promise<boolean> {
    const { hooks, clock } = this.#options;
    const { signal } = this.#stop;
    let left: readonly QueuedUsage[] = events.map((json) => ({ json, sequence: -1, settle: null }));
    for (;;) {
      const undelivered = await this.#delivery.deliver(left, {
        mayRetry: () => !signal.aborted && !this.#isLost,
        keepsProcessAlive: false,
      });
      if (undelivered === null) return true;
      if (signal.aborted || this.#isLost) return false;
      const { code, message } = undelivered.failure;
      hooks.problem({ code: "HALTED", message: `Usage waits on disk: the API answers ${code}: ${message}` });
      left = undelivered.events;
      await pause(clock, HALTED_PROBE_MS, signal, false);
    }
  }

  #scheduleHeartbeat(): void {
    this.#cancelHeartbeat = this.#options.clock.schedule(HEARTBEAT_MS, () => this.#heartbeat(), false);
  }

  #heartbeat(): void {
    try {
      if (!this.#lock.renew()) {
        this.#isLost = true;
        const message = `Another process took ${this.#options.directory}; events stay in memory from here on.`;
        this.#options.hooks.problem({ code: "SPILL_LOCK_LOST", message });
        this.#options.onRoom();
        return;
      }
    } catch (error) {
      this.#reportWriteFailure(error);
    }
    this.#scheduleHeartbeat();
  }

  #reportWriteFailure(error: unknown): void {
    this.#rest();
    const message = `The spill directory ${this.#options.directory} cannot be written: ${messageOf(error)}`;
    this.#options.hooks.problem({ code: "SPILL_WRITE_FAILED", message });
  }

  #rest(): void {
    this.#restsUntil = this.#options.clock.now() + DISK_REST_MS;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
