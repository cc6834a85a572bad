import type { Clock } from "../../platform/clock.ts";
import type { Sql } from "../../platform/database/index.ts";
import type { LiveSource, Nudges } from "../../platform/live/index.ts";
import type { Logger } from "../../platform/observability/index.ts";
import { Turnstile } from "./turnstile.ts";
import { UsageFeed } from "./usage-feed.ts";
import { usageMarks } from "./usage-marks.read-model.ts";
import type { ReadUsage, UsageSnapshot } from "./usage-snapshot.ts";

/** Reads of all feeds at once: a database that comes back is not asked ten thousand things together. */
const maxReads = 4;
const readEveryMs = 250;
const retryMs = 1_000;
/** How often numbers that move by themselves are read. */
const movingEveryMs = 60_000;

type Parts = { read: ReadUsage; nudges: Nudges; sql: Sql; clock: Clock; logger: Logger; pollEveryMs: number };

/** The customers whose numbers somebody watches in this process. */
export class UsageFeeds {
  readonly #parts: Parts;
  readonly #feeds = new Map<string, UsageFeed>();
  readonly #turnstile = new Turnstile(maxReads);
  #marks = new Map<string, string>();
  #stopHearing: () => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;
  #movedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Customers watched. */
  get size(): number {
    return this.#feeds.size;
  }

  /** Hears nudges, and looks at the tables by itself too. */
  start(): void {
    this.#stopHearing = this.#parts.nudges.listen((customerIds) => {
      if (customerIds === "ALL") for (const feed of this.#feeds.values()) feed.touch();
      else for (const customerId of customerIds) this.#feeds.get(customerId)?.touch();
    });
    this.#plan();
  }

  close(): void {
    this.#stopHearing();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  watch(customerId: string): LiveSource<UsageSnapshot> {
    const feed = this.#feeds.get(customerId) ?? this.#open(customerId);
    return feed.watch();
  }

  #open(customerId: string): UsageFeed {
    const feed = new UsageFeed({
      customerId,
      read: () => this.#turnstile.pass(() => this.#parts.read(customerId)),
      everyMs: readEveryMs,
      retryMs,
      onFailure: (error) => this.#parts.logger.warn({ err: error, customerId }, "could not read live numbers"),
      onEmpty: () => {
        this.#feeds.delete(customerId);
        this.#marks.delete(customerId);
      },
    });
    this.#feeds.set(customerId, feed);
    return feed;
  }

  #plan(): void {
    this.#timer = setTimeout(() => {
      void this.poll().finally(() => {
        if (this.#timer !== null) this.#plan();
      });
    }, this.#parts.pollEveryMs);
  }

  /** What a lost nudge would have said, and what time alone changes. */
  async poll(): Promise<void> {
    const now = this.#parts.clock.now();
    const moving = performance.now() - this.#movedAt >= movingEveryMs;
    if (moving) this.#movedAt = performance.now();
    for (const feed of this.#feeds.values()) {
      const { latest } = feed;
      if (latest !== null && (latest.periodEndAt <= now || (moving && latest.movesByItself))) feed.touch();
    }
    try {
      const marks = await usageMarks(this.#parts.sql, [...this.#feeds.keys()], now);
      for (const [customerId, mark] of marks) {
        const known = this.#marks.get(customerId);
        if (known !== mark) this.#feeds.get(customerId)?.touch();
      }
      this.#marks = marks;
    } catch (error) {
      this.#parts.logger.warn({ err: error }, "could not look for changed numbers");
    }
  }
}
