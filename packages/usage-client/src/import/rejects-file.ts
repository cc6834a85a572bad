import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import type { CsvRow } from "./csv-splitter.ts";
import { ImportStopped } from "./import-stopped.ts";

/** The rows that were refused, each with its line, its reason and its values: mend them and import that file. */
export class RejectsFile {
  readonly path: string;
  readonly #columns: readonly string[];
  #stream: WriteStream | null = null;
  #failure: Error | null = null;

  constructor(path: string, columns: readonly string[]) {
    this.path = path;
    this.#columns = columns;
  }

  /** False until the first row is written: no rejects, no file. */
  get exists(): boolean {
    return this.#stream !== null;
  }

  /** Resolves when there is room for more. Throws `ImportStopped` when the file cannot be written. */
  async write(row: CsvRow, reason: { code: string; message: string }): Promise<void> {
    const stream = this.#stream ?? this.#open();
    const hasRoom = stream.write(csvLine([String(row.line), reason.code, reason.message, ...row.values]));
    if (!hasRoom && this.#failure === null) await untilRoom(stream);
    this.#throwFailure();
  }

  async close(): Promise<void> {
    if (this.#stream === null) return;
    const closed = once(this.#stream, "close");
    this.#stream.end();
    if (!this.#stream.closed) await closed;
    this.#throwFailure();
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.path);
    stream.on("error", (error) => {
      this.#failure = error;
    });
    stream.write(csvLine(["line", "code", "message", ...this.#columns]));
    this.#stream = stream;
    return stream;
  }

  #throwFailure(): void {
    if (this.#failure === null) return;
    const message = `The rejects file cannot be written: ${this.#failure.message}. --rejects FILE names another place.`;
    throw new ImportStopped("REJECTS_UNWRITABLE", message);
  }
}

/** Until there is room again, or the file is gone; whichever does not come is not waited for any longer. */
async function untilRoom(stream: WriteStream): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(stream, "drain", { signal }), once(stream, "close", { signal })]);
  over.abort();
}

/** One line of RFC 4180. */
export function csvLine(values: readonly string[]): string {
  return `${values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(",")}\n`;
}
