/** Notes whose things change while they are being read, so that what was read too early is not kept. */
export class ChangedMeanwhile {
  /** For each read under way. */
  readonly #reading = new Set<{ ids: Set<string>; all: boolean }>();

  /** Reads; `keep` is then told what was read, and of whom it is still so. */
  async whileReading<T>(
    read: () => Promise<T>,
    keep: (answer: T, isCurrent: (id: string) => boolean) => void,
  ): Promise<T> {
    const meanwhile = { ids: new Set<string>(), all: false };
    this.#reading.add(meanwhile);
    try {
      const answer = await read();
      keep(answer, (id) => !meanwhile.all && !meanwhile.ids.has(id));
      return answer;
    } finally {
      this.#reading.delete(meanwhile);
    }
  }

  /** Something of these has changed. */
  note(ids: readonly string[] | "ALL"): void {
    for (const meanwhile of this.#reading) {
      if (ids === "ALL") meanwhile.all = true;
      else for (const id of ids) meanwhile.ids.add(id);
    }
  }
}
