/** Keys counted one by one; about 100 MB when it is full. Later keys share counters. */
const MAX_EXACT_KEYS = 1_000_000;
const SHARED_COUNTERS = 1 << 20;

/**
 * The how-manieth row with its key each row is, in the order of the file: what makes rows apart that are equal in every
 * key column. Memory is bounded for a file of any size: past the bound, keys share counters by hash, and an ordinal may
 * then be higher than the true one. Key and ordinal together stay different from row to row and equal from run to run.
 */
export class RowOrdinals {
  readonly #exact = new Map<number, number>();
  readonly #maxExactKeys: number;
  readonly #sharedCounters: number;
  #shared: Uint32Array | null = null;

  constructor({ maxExactKeys = MAX_EXACT_KEYS, sharedCounters = SHARED_COUNTERS } = {}) {
    this.#maxExactKeys = maxExactKeys;
    this.#sharedCounters = sharedCounters;
  }

  /** 1 for the first row with this key. */
  next(key: string): number {
    const hash = hash53(key);
    const known = this.#exact.get(hash);
    if (known !== undefined || this.#exact.size < this.#maxExactKeys) {
      const ordinal = (known ?? 0) + 1;
      this.#exact.set(hash, ordinal);
      return ordinal;
    }
    this.#shared ??= new Uint32Array(this.#sharedCounters);
    const slot = hash % this.#sharedCounters;
    const ordinal = (this.#shared[slot] ?? 0) + 1;
    this.#shared[slot] = ordinal;
    return ordinal;
  }
}

/** 53 bits from two multiplicative hashes (cyrb53). Two keys with one hash only share a counter. */
function hash53(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
