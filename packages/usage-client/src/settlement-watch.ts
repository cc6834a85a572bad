/**
 * Knows which events have no outcome yet, and wakes those who wait for them. Events are numbered in the order in which they
 * were recorded; a group of them that is being sent or synced counts as its first one.
 */
export class SettlementWatch {
  readonly #groups = new Set<{ readonly first: number }>();
  #waiters: { readonly through: number; readonly resolve: () => void }[] = [];
  readonly #firstQueued: () => number | undefined;

  /** `firstQueued` tells the first event that waits to be sent. */
  constructor(firstQueued: () => number | undefined) {
    this.#firstQueued = firstQueued;
  }

  get hasWaiters(): boolean {
    return this.#waiters.length > 0;
  }

  /** Events from `first` on are being sent or synced, until the answer is called. */
  begin(first: number): () => void {
    const group = { first };
    this.#groups.add(group);
    return () => void this.#groups.delete(group);
  }

  /** Resolves when every event up to `through` (inclusive) has an outcome. */
  settled(through: number): Promise<void> {
    if (this.#isSettled(through)) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ through, resolve }));
  }

  /** To be called whenever events were settled. */
  wake(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (this.#isSettled(waiter.through)) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  #isSettled(through: number): boolean {
    if ((this.#firstQueued() ?? Number.POSITIVE_INFINITY) <= through) return false;
    for (const { first } of this.#groups) if (first <= through) return false;
    return true;
  }
}
