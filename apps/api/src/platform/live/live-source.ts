/** What a {@link LiveSource} sends next; undefined when there is nothing new, and it waits to be woken. */
export type Take<T> = () => T | undefined | Promise<T | undefined>;

/**
 * The values of one subscription, taken one at a time when the reader is ready for the next: nothing is queued for a slow
 * one. It ends at once when it is told to, also while it waits, which an async generator would not.
 */
export class LiveSource<T> implements AsyncIterableIterator<T> {
  readonly #take: Take<T>;
  readonly #onEnd: () => void;
  #wake: () => void = () => undefined;
  #ended = false;

  constructor(take: Take<T>, onEnd: () => void) {
    this.#take = take;
    this.#onEnd = onEnd;
  }

  /** There may be something new. */
  wake(): void {
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (!this.#ended) {
      // Made before it is looked for, so that what comes while looking is not slept through.
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      let value: T | undefined;
      try {
        value = await this.#take();
      } catch (error) {
        this.#end();
        throw error;
      }
      if (this.#ended) break;
      if (value !== undefined) return { value, done: false };
      await woken;
    }
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#end();
    return { value: undefined, done: true };
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake();
    this.#onEnd();
  }
}
