import type { EpochMs } from "./time.ts";

/** The wall clock: what the caller injected (or the machine's own), plus whatever it was moved forward by. */
export class WallClock {
  private offsetMs = 0;
  constructor(private readonly source: () => EpochMs) {}

  now(): EpochMs {
    return this.source() + this.offsetMs;
  }

  /** Moves the wall clock forward. Negative values are refused: nothing in a billing system survives time going back. */
  advance(byMs: number): void {
    if (!Number.isSafeInteger(byMs) || byMs < 0) throw new RangeError("the clock only moves forward");
    this.offsetMs += byMs;
  }

  /** How far it was moved, for a state file. */
  save(): number {
    return this.offsetMs;
  }

  /** Takes what `save` gave. */
  load(offsetMs: number): void {
    this.offsetMs = offsetMs;
  }
}
