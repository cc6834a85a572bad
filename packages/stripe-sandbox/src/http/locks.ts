/** Objects that a running request holds, and the meters of customers that are busy. */
export class Locks {
  private readonly held = new Map<string, Promise<void>>();
  private readonly busy = new Set<string>();

  /** Takes a key, waiting up to `timeoutMs` of real time. Null when that was not enough. */
  async acquire(key: string, timeoutMs: number): Promise<(() => void) | null> {
    const deadline = performance.now() + timeoutMs;
    // At most one wait for each holder that came before; the deadline ends it in any case.
    for (let holder = this.held.get(key); holder; holder = this.held.get(key)) {
      const left = deadline - performance.now();
      if (left <= 0) return null;
      await withTimeout(holder, left);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.held.set(key, promise);
    return () => {
      this.held.delete(key);
      resolve();
    };
  }

  /** Takes keys that must not be waited for, all or none. Null when one is in use. */
  enter(keys: readonly string[]): (() => void) | null {
    if (keys.some((key) => this.busy.has(key))) return null;
    for (const key of keys) this.busy.add(key);
    return () => {
      for (const key of keys) this.busy.delete(key);
    };
  }
}

async function withTimeout(work: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
