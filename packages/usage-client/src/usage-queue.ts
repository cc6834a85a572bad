import type { QueuedUsage } from "./delivery.ts";

/** Drop the consumed front of the array once it is this long. */
const COMPACT_AFTER = 4_096;

/** Events that wait to be sent, in the order of their sequence numbers. Taking from the front costs no copying of the rest. */
export class UsageQueue {
  #events: QueuedUsage[] = [];
  #head = 0;

  get length(): number {
    return this.#events.length - this.#head;
  }

  get first(): QueuedUsage | undefined {
    return this.#events[this.#head];
  }

  push(event: QueuedUsage): void {
    this.#events.push(event);
  }

  /** True when a batch should leave: it is full, or its first event may wait no longer. */
  isDue(batchSize: number, dueThrough: number): boolean {
    const { first } = this;
    return first !== undefined && (this.length >= batchSize || first.sequence <= dueThrough);
  }

  /** The first events, at most `count`. */
  peek(count: number): readonly QueuedUsage[] {
    return this.#events.slice(this.#head, this.#head + count);
  }

  /** The first events, at most `count`, which then are no longer in the queue. */
  take(count: number): readonly QueuedUsage[] {
    const taken = this.peek(count);
    this.#head += taken.length;
    if (this.#head >= COMPACT_AFTER || this.#head === this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** Events that were taken and could not be sent come back to their place. */
  putBack(events: readonly QueuedUsage[]): void {
    const all = [...events, ...this.#events.slice(this.#head)];
    this.#events = all.sort((one, other) => one.sequence - other.sequence);
    this.#head = 0;
  }
}
