import { LiveSource } from "../../platform/live/index.ts";
import type { UsageSnapshot } from "./usage-snapshot.ts";

/** What a feed needs of its surroundings. */
export type FeedParts = {
  customerId: string;
  /** Reads now; what it throws is tried again after `retryMs`. */
  read: () => Promise<UsageSnapshot | null>;
  /** The least time between two reads, so that a busy customer costs a few a second. */
  everyMs: number;
  retryMs: number;
  onFailure: (error: unknown) => void;
  /** Nobody watches any more. */
  onEmpty: () => void;
};

/** One watcher's share of the time between two reads: what is pushed to very many is pushed less often. */
const perWatcherMs = 1;

/**
 * One customer's numbers for everybody who watches them: one read, however many they are, and only the latest numbers
 * are kept. Whoever is late gets the latest next, not each in between.
 */
export class UsageFeed {
  readonly #parts: FeedParts;
  readonly #watchers = new Set<LiveSource<UsageSnapshot>>();
  #latest: UsageSnapshot | null = null;
  #version = 0;
  #dirty = false;
  #reading = false;
  #readAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  get latest(): UsageSnapshot | null {
    return this.#latest;
  }

  /** The numbers as they stand now, then each time that they have changed. */
  watch(): LiveSource<UsageSnapshot> {
    let seen = 0;
    const source: LiveSource<UsageSnapshot> = new LiveSource(
      () => {
        if (this.#latest === null || seen === this.#version) return undefined;
        seen = this.#version;
        return this.#latest;
      },
      () => {
        this.#watchers.delete(source);
        if (this.#watchers.size > 0) return;
        if (this.#timer !== null) clearTimeout(this.#timer);
        this.#parts.onEmpty();
      },
    );
    this.#watchers.add(source);
    this.touch();
    return source;
  }

  /** The numbers may have changed. */
  touch(): void {
    this.#dirty = true;
    if (this.#reading || this.#timer !== null || this.#watchers.size === 0) return;
    const restMs = this.#parts.everyMs + perWatcherMs * this.#watchers.size;
    this.#readIn(Math.max(0, this.#readAt + restMs - performance.now()));
  }

  #readIn(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#read();
    }, delayMs);
  }

  async #read(): Promise<void> {
    this.#reading = true;
    this.#dirty = false;
    try {
      const snapshot = await this.#parts.read();
      if (snapshot !== null && snapshot.fingerprint !== this.#latest?.fingerprint) this.#push(snapshot);
    } catch (error) {
      this.#parts.onFailure(error);
      this.#reading = false;
      if (this.#watchers.size > 0) this.#readIn(this.#parts.retryMs);
      return;
    }
    this.#reading = false;
    this.#readAt = performance.now();
    if (this.#dirty) this.touch();
  }

  #push(snapshot: UsageSnapshot): void {
    this.#latest = snapshot;
    this.#version += 1;
    for (const watcher of this.#watchers) watcher.wake();
  }
}
