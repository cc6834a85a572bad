/** How a {@link GroupCommit} is bounded. */
export type GroupCommitOptions = {
  /** Transactions under way at once; two keep the disk busy while the next group is prepared. */
  maxInFlight: number;
  /** While a transaction is under way, fewer waiting items than this wait for it to end, so that groups are worth their commit. */
  minItemsToOverlap: number;
  /** Items in one transaction. A single larger submission still goes whole. */
  maxItemsPerCommit: number;
  /** Items waiting; past it a submission is refused at once. */
  maxWaiting: number;
};

type Submission<Item, Outcome> = {
  items: readonly Item[];
  resolve: (outcomes: Outcome[]) => void;
  reject: (error: unknown) => void;
};

/** Thrown when more is waiting than may wait. Nothing of the submission was recorded. */
export class GroupCommitFullError extends Error {
  constructor(waiting: number) {
    super(`${waiting} usage events are waiting to be recorded already; send this again in a moment`);
  }
}

/**
 * Lets requests that arrive while a commit is under way share the next one, so that one fsync answers many of them
 * and throughput grows with load. A submission is answered only after the transaction that holds all of its items
 * has committed; when that transaction fails, submissions are tried again in halves, so that one cannot fail another.
 */
export class GroupCommit<Item, Outcome> {
  private readonly waiting: Submission<Item, Outcome>[] = [];
  private waitingItems = 0;
  private inFlight = 0;
  private scheduled = false;

  constructor(
    private readonly commit: (items: readonly Item[]) => Promise<Outcome[]>,
    private readonly mayIsolate: (error: unknown) => boolean,
    private readonly options: GroupCommitOptions,
  ) {}

  /** One outcome an item, in order. Rejects with the transaction's error, or {@link GroupCommitFullError}. */
  submit(items: readonly Item[]): Promise<Outcome[]> {
    if (this.waitingItems > 0 && this.waitingItems + items.length > this.options.maxWaiting) {
      return Promise.reject(new GroupCommitFullError(this.waitingItems));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, resolve, reject });
      this.waitingItems += items.length;
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // After the I/O of this turn, so that requests read from the sockets together are committed together.
    setImmediate(() => {
      this.scheduled = false;
      while (this.mayStart()) void this.run(this.takeGroup());
    });
  }

  private mayStart(): boolean {
    if (this.waiting.length === 0 || this.inFlight >= this.options.maxInFlight) return false;
    return this.inFlight === 0 || this.waitingItems >= this.options.minItemsToOverlap;
  }

  private takeGroup(): Submission<Item, Outcome>[] {
    const group: Submission<Item, Outcome>[] = [];
    let size = 0;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      if (group.length > 0 && size + next.items.length > this.options.maxItemsPerCommit) break;
      group.push(next);
      size += next.items.length;
      this.waiting.shift();
    }
    this.waitingItems -= size;
    return group;
  }

  private async run(group: Submission<Item, Outcome>[]): Promise<void> {
    this.inFlight += 1;
    try {
      await this.commitGroup(group);
    } finally {
      this.inFlight -= 1;
      this.schedule();
    }
  }

  private async commitGroup(group: Submission<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.commit(group.flatMap((submission) => submission.items));
      let from = 0;
      for (const submission of group) {
        submission.resolve(outcomes.slice(from, from + submission.items.length));
        from += submission.items.length;
      }
    } catch (error) {
      if (group.length > 1 && this.mayIsolate(error)) {
        const half = group.length >> 1;
        await this.commitGroup(group.slice(0, half));
        await this.commitGroup(group.slice(half));
        return;
      }
      for (const submission of group) submission.reject(error);
    }
  }
}
