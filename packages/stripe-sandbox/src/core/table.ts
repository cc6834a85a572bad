/** Undoes writes when a request fails half-way, or when it was only a rehearsal (an invoice preview). */
export class Journal {
  private undo: (() => void)[] | null = null;

  /** Remembers how to undo a write that is about to happen; does nothing outside `run`. */
  record(undo: () => void): void {
    this.undo?.push(undo);
  }

  /** Runs `work`. When it throws, or when `keep` is false, every write made inside is undone. */
  run<T>(work: () => T, keep = true): T {
    const outer = this.undo;
    const steps: (() => void)[] = [];
    this.undo = steps;
    try {
      const result = work();
      if (!keep) rollBack(steps);
      else outer?.push(...steps);
      return result;
    } catch (error) {
      rollBack(steps);
      throw error;
    } finally {
      this.undo = outer;
    }
  }
}

function rollBack(steps: (() => void)[]): void {
  for (let step = steps.pop(); step; step = steps.pop()) step();
}

type Row = { readonly id: string };
type Index<T> = (row: T) => string | null;

/** Rows of one kind in order of creation. Rows are frozen: a change is a `put` of a new row, which the journal can undo. */
export class Table<T extends Row> {
  private rows = new Map<string, T>();
  private readonly indexes: Record<string, { key: Index<T>; ids: Map<string, Set<string>> }> = {};

  constructor(
    private readonly journal: Journal,
    indexes: Record<string, Index<T>> = {},
  ) {
    for (const [name, key] of Object.entries(indexes)) this.indexes[name] = { key, ids: new Map() };
  }

  get size(): number {
    return this.rows.size;
  }

  get(id: string): T | undefined {
    return this.rows.get(id);
  }

  put(row: T): T {
    const before = this.rows.get(row.id);
    this.journal.record(() => (before ? this.write(before, this.rows.get(row.id)) : this.remove(row.id)));
    this.write(Object.freeze(row), before);
    return row;
  }

  /** Replaces some fields of an existing row. */
  patch(id: string, change: Partial<T>): T {
    const before = this.rows.get(id);
    if (!before) throw new Error(`no row ${id} to change`);
    return this.put({ ...before, ...change });
  }

  delete(id: string): void {
    const before = this.rows.get(id);
    if (!before) return;
    // The row comes back at the end of the order; only a failed delete shows that, and no caller depends on it.
    this.journal.record(() => this.write(before, undefined));
    this.remove(id);
  }

  /** Oldest first. */
  values(): T[] {
    return [...this.rows.values()];
  }

  /** Rows whose index `name` has this key, oldest first. */
  by(name: string, key: string): T[] {
    const ids = this.indexes[name]?.ids.get(key);
    if (!ids) return [];
    return [...ids].map((id) => this.rows.get(id)).filter((row) => row !== undefined);
  }

  private write(row: T, before: T | undefined): void {
    this.rows.set(row.id, row);
    for (const { key, ids } of Object.values(this.indexes)) {
      const previous = before ? key(before) : null;
      const next = key(row);
      if (previous === next && before) continue;
      if (previous !== null) ids.get(previous)?.delete(row.id);
      if (next === null) continue;
      const members = ids.get(next);
      if (members) members.add(row.id);
      else ids.set(next, new Set([row.id]));
    }
  }

  private remove(id: string): void {
    const row = this.rows.get(id);
    if (!row) return;
    this.rows.delete(id);
    for (const { key, ids } of Object.values(this.indexes)) {
      const value = key(row);
      if (value !== null) ids.get(value)?.delete(id);
    }
  }
}
