type Asked<Item, Answer> = { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void };

/**
 * Lets callers that each want one row of something share the statement that gets it: who asks while one is under way, or
 * in the same turn of the event loop, is answered by the next. One at a time, so that the more is asked for, the more
 * each statement does. A failure is everybody's who shared it.
 */
export class Together<Item, Answer> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #max: number;
  readonly #gatherMs: () => number;
  #waiting: Asked<Item, Answer>[] = [];
  #busy = false;

  /**
   * `run` answers one thing an item, in order; it is given at most `max` items. `gatherMs` is asked before each: how long
   * the first to ask waits for others, where there are many about.
   */
  constructor(
    run: (items: readonly Item[]) => Promise<readonly Answer[]>,
    { max, gatherMs = () => 0 }: { max: number; gatherMs?: () => number },
  ) {
    this.#run = run;
    this.#max = max;
    this.#gatherMs = gatherMs;
  }

  ask(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#busy) this.#soon();
    });
  }

  #soon(): void {
    this.#busy = true;
    const waitMs = this.#waiting.length >= this.#max ? 0 : this.#gatherMs();
    if (waitMs > 0) setTimeout(() => void this.#next(), waitMs);
    else setImmediate(() => void this.#next());
  }

  async #next(): Promise<void> {
    const group = this.#waiting.splice(0, this.#max);
    try {
      const answers = await this.#run(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    this.#busy = false;
    if (this.#waiting.length > 0) this.#soon();
  }
}
