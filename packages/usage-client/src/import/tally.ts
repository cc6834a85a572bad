import { formatUnits } from "./exact-total.ts";

/** What became of the rows of one file, counted exactly. */
export class Tally {
  rows = 0;
  recorded = 0;
  duplicates = 0;
  /** In a dry run: rows that would be sent. */
  sendable = 0;
  refused = 0;
  /** Rows whose key columns equal those of an earlier row. */
  repeatedRows = 0;
  firstAt: number | null = null;
  lastAt: number | null = null;
  readonly refusedByCode = new Map<string, number>();
  #acceptedUnits = 0n;
  #recordedUnits = 0n;

  get accepted(): number {
    return this.recorded + this.duplicates + this.sendable;
  }

  /** Rows of which it is known what became of them. */
  get settled(): number {
    return this.accepted + this.refused;
  }

  /** Of the accepted rows: those that were recorded now or before. */
  get acceptedQuantity(): string {
    return formatUnits(this.#acceptedUnits);
  }

  get recordedQuantity(): string {
    return formatUnits(this.#recordedUnits);
  }

  /** Counts an accepted row. `at` is when it happened, as sent. */
  accept(outcome: "RECORDED" | "DUPLICATE" | "SENDABLE", { units, at }: { units: bigint; at: number }): void {
    this.#acceptedUnits += units;
    if (outcome === "RECORDED") {
      this.recorded += 1;
      this.#recordedUnits += units;
    } else if (outcome === "DUPLICATE") this.duplicates += 1;
    else this.sendable += 1;
    this.firstAt = Math.min(this.firstAt ?? at, at);
    this.lastAt = Math.max(this.lastAt ?? at, at);
  }

  refuse(code: string): void {
    this.refused += 1;
    this.refusedByCode.set(code, (this.refusedByCode.get(code) ?? 0) + 1);
  }
}
