import { Presets, SingleBar } from "cli-progress";

/** Where progress is shown. */
export type ProgressOutput = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** How far one pass over a file is. */
export type ProgressState = { readonly rows: number; readonly bytesRead: number; readonly totalBytes: number };

const BAR_INTERVAL_MS = 200;
const LINE_INTERVAL_MS = 5_000;
const NOTE_INTERVAL_MS = 5_000;

/** Shows a pass over a file on stderr: a bar on a terminal, a plain line every five seconds elsewhere. */
export class ProgressDisplay {
  readonly #output: ProgressOutput;
  readonly #now: () => number;
  #bar: SingleBar | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastNoteAt = Number.NEGATIVE_INFINITY;

  constructor(output: ProgressOutput, now: () => number) {
    this.#output = output;
    this.#now = now;
  }

  /** Begins to show a pass; `read` is asked for its state again and again until `stop`. */
  start(title: string, read: () => ProgressState): void {
    this.stop();
    const startedAt = this.#now();
    const isTerminal = this.#output.isTTY === true;
    if (isTerminal) {
      const format = `${title} {bar} {percentage}% | {detail}`;
      const options = { stream: this.#output, format, hideCursor: true, barsize: 24, noTTYOutput: false };
      this.#bar = new SingleBar(options, Presets.shades_classic);
      this.#bar.start(100, 0, { detail: "" });
    }
    const show = () => {
      const state = read();
      const detail = describeProgress(state, this.#now() - startedAt);
      const percent = percentOf(state);
      if (this.#bar) this.#bar.update(percent, { detail });
      else this.#output.write(`${title}: ${percent}% | ${detail}\n`);
    };
    this.#timer = setInterval(show, isTerminal ? BAR_INTERVAL_MS : LINE_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Says something beside the progress; repeated notes are told at most every five seconds. */
  note(text: string): void {
    const at = this.#now();
    if (at - this.#lastNoteAt < NOTE_INTERVAL_MS) return;
    this.#lastNoteAt = at;
    this.#output.write(`${this.#bar ? "\n" : ""}${text}\n`);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#bar?.stop();
    this.#bar = null;
  }
}

/** Rows, rate and time left: the rate from the rows answered, the time left from the bytes read. */
export function describeProgress({ rows, bytesRead, totalBytes }: ProgressState, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? Math.round((rows * 1_000) / elapsedMs) : 0;
  const share = totalBytes > 0 ? Math.min(bytesRead / totalBytes, 1) : 0;
  const left = share > 0 && share < 1 ? `ETA ${duration((elapsedMs * (1 - share)) / share)}` : "";
  return [`${rows.toLocaleString("en-US")} rows`, `${rate.toLocaleString("en-US")} rows/s`, left]
    .filter((part) => part !== "")
    .join(" | ");
}

function percentOf({ bytesRead, totalBytes }: ProgressState): number {
  return totalBytes > 0 ? Math.min(99, Math.floor((100 * bytesRead) / totalBytes)) : 0;
}

/** Such as "42 s" or "3 min 5 s". */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
