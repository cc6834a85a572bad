import { LiveSource } from "../../platform/live/index.ts";
import type { LimitAlertType } from "../alerts/index.ts";

/** Alerts kept in memory for watchers that are nearly up to date, and the size of a page for those that are not. */
export const alertsKept = 100;

/**
 * Reads what follows a sequence, oldest first, at most {@link alertsKept}; for a watcher that is far behind. Null while
 * the database is away: it is asked again a moment later, and the watcher stays where it is.
 */
export type ReadAlertPage = (after: bigint) => Promise<LimitAlertType[] | null>;

const retryMs = 1_000;

/**
 * One customer's alerts for everybody who watches them. New ones are read once and kept for a while; each watcher has a
 * position of its own in them, so that one that is slow or has just come back misses none and gets none twice. One that
 * is further back than what is kept reads pages from the table until it has caught up.
 */
export class AlertFeed {
  readonly #onEmpty: () => void;
  readonly #watchers = new Set<LiveSource<LimitAlertType>>();
  /** Of the customer, in which alerts are worded. */
  timeZone: string;
  #recent: LimitAlertType[] = [];
  /** Every alert after this one, up to `through`, is in `#recent`. */
  #recentAfter = 0n;
  #through: bigint | null = null;

  constructor(timeZone: string, onEmpty: () => void) {
    this.timeZone = timeZone;
    this.#onEmpty = onEmpty;
  }

  /** How far the table was read; null before the first time. */
  get through(): bigint | null {
    return this.#through;
  }

  /** Begins where the table ends; what was before is for watchers that ask for it. */
  begin(through: bigint): void {
    this.#through = through;
    this.#recentAfter = through;
    this.#wakeAll();
  }

  /** Adds what follows `through`, in order. */
  add(alerts: readonly LimitAlertType[]): void {
    if (alerts.length === 0) return;
    this.#recent.push(...alerts);
    const dropped = this.#recent.splice(0, Math.max(0, this.#recent.length - alertsKept)).at(-1);
    if (dropped !== undefined) this.#recentAfter = BigInt(dropped.sequence);
    this.#through = BigInt(this.#recent.at(-1)?.sequence ?? 0);
    this.#wakeAll();
  }

  /** Every alert after `after`, in order, each once, for as long as the watcher stays. */
  watch(after: bigint, readPage: ReadAlertPage): LiveSource<LimitAlertType> {
    let position = after;
    let page: LimitAlertType[] = [];
    const step = (alert: LimitAlertType | undefined) => {
      if (alert !== undefined) position = BigInt(alert.sequence);
      return alert;
    };
    const source: LiveSource<LimitAlertType> = new LiveSource(
      async () => {
        if (page.length > 0) return step(page.shift());
        while (this.#through !== null && position < this.#through) {
          if (position >= this.#recentAfter) return step(this.#recent.find((one) => BigInt(one.sequence) > position));
          const through = this.#through;
          const read = await readPage(position);
          if (read === null) {
            setTimeout(() => source.wake(), retryMs);
            return undefined;
          }
          page = read;
          if (page.length > 0) return step(page.shift());
          // Numbers may be missing: there is nothing up to where the table was read.
          position = through;
        }
        return undefined;
      },
      () => {
        this.#watchers.delete(source);
        if (this.#watchers.size === 0) this.#onEmpty();
      },
    );
    this.#watchers.add(source);
    return source;
  }

  #wakeAll(): void {
    for (const watcher of this.#watchers) watcher.wake();
  }
}
