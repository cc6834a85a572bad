import type { Clock } from "../../platform/clock.ts";

/** What happened in a run, a line each, for a person to read. Two runs of a seed give the same lines. */
export class Trace {
  readonly lines: string[] = [];
  readonly #clock: Clock;
  /** Ids that differ from run to run, and the names that stand for them. */
  readonly #names = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on `name` is written where `id` would be. */
  name(id: string, name: string): void {
    this.#names.set(id, name);
  }

  say(text: string): void {
    const at = new Date(this.#clock.now()).toISOString().replace("T", " ").replace(".000Z", "").replace("Z", "");
    let line = `${at}  ${text}`;
    for (const [id, name] of this.#names) line = line.replaceAll(id, name);
    this.lines.push(line);
  }
}
