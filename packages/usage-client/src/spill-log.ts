import * as fs from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** A closed or open file of spilled events. */
export type SpillSegment = { readonly path: string; bytes: number };

/**
 * What a segment holds. `isTorn`: its last line was cut off by a crash in the middle of a write, before `append`
 * returned. `damagedLines` were changed on disk after that and cannot be sent.
 */
export type SegmentContent = {
  readonly events: readonly string[];
  readonly isTorn: boolean;
  readonly damagedLines: number;
};

const SEGMENT_NAME = /^\d{12}\.ndjson$/;

/**
 * Events on disk in the order in which they came: append-only files of lines `<crc32 in hex> <event as JSON>`. A line
 * is in the operating system's hands when `append` returns (it survives the process), and on the disk when `synced`
 * resolves (it survives the machine). Holds at most `maxBytes`.
 */
export class SpillLog {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  #segments: SpillSegment[];
  #nextNumber: number;
  #openFile: number | null = null;
  #totalBytes: number;
  #unsynced = new Set<number>();
  #directoryChanged = false;
  #syncing: Promise<void> | null = null;

  constructor(directory: string, { maxBytes, segmentBytes }: { maxBytes: number; segmentBytes: number }) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#segmentBytes = segmentBytes;
    const names = fs.readdirSync(directory).filter((name) => SEGMENT_NAME.test(name));
    this.#segments = names.sort().map((name) => {
      const path = join(directory, name);
      return { path, bytes: fs.statSync(path).size };
    });
    this.#totalBytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    this.#nextNumber = Number.parseInt(names.at(-1) ?? "0", 10) + 1;
  }

  get bytes(): number {
    return this.#totalBytes;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Writes events at the end, all or none. False when the bound would be passed; throws when the disk refuses. */
  append(events: readonly string[]): boolean {
    let text = "";
    for (const event of events) text += `${crc32(event).toString(16).padStart(8, "0")} ${event}\n`;
    const content = Buffer.from(text);
    if (this.#totalBytes + content.length > this.#maxBytes) return false;
    const { file, segment } = this.#writable();
    try {
      let written = 0;
      while (written < content.length) written += fs.writeSync(file, content, written);
    } catch (error) {
      this.#undo(file, segment);
      throw error;
    }
    segment.bytes += content.length;
    this.#totalBytes += content.length;
    this.#unsynced.add(file);
    if (segment.bytes >= this.#segmentBytes) this.#closeFile();
    return true;
  }

  /** Resolves when everything appended before the call is on the disk. Calls share one sync. Rejects when the disk refuses. */
  async synced(): Promise<void> {
    // A sync under way may have begun before the last append; the next one covers it.
    await this.#syncing?.catch(() => undefined);
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = null;
    });
    return this.#syncing;
  }

  /** The oldest segment, closed to further appends. Null when there is none. */
  oldest(): SpillSegment | null {
    const [segment] = this.#segments;
    if (this.#segments.length === 1) this.#closeFile();
    return segment ?? null;
  }

  async read(segment: SpillSegment): Promise<SegmentContent> {
    const lines = (await fs.promises.readFile(segment.path, "utf8")).split("\n");
    // A whole file ends with a line break; what follows the last one was torn.
    const isTorn = lines.pop() !== "";
    const events: string[] = [];
    for (const line of lines) {
      const event = line.slice(9);
      if (line[8] === " " && Number.parseInt(line.slice(0, 8), 16) === crc32(event)) events.push(event);
    }
    return { events, isTorn, damagedLines: lines.length - events.length };
  }

  /** Takes a segment off the log: its events were answered. With `keepAs` the file stays, under that suffix. */
  async remove(segment: SpillSegment, keepAs: string | null = null): Promise<void> {
    if (keepAs === null) await fs.promises.rm(segment.path, { force: true });
    else await fs.promises.rename(segment.path, segment.path + keepAs);
    this.#segments = this.#segments.filter((other) => other !== segment);
    this.#totalBytes -= segment.bytes;
  }

  async close(): Promise<void> {
    this.#closeFile();
    await this.synced();
  }

  /** Nothing is appended to the open file any more; the next sync closes it. */
  #closeFile(): void {
    if (this.#openFile === null) return;
    this.#unsynced.add(this.#openFile);
    this.#openFile = null;
  }

  #writable(): { file: number; segment: SpillSegment } {
    const last = this.#segments.at(-1);
    if (this.#openFile !== null && last) return { file: this.#openFile, segment: last };
    // Never append to a file of an earlier process: its last line may be torn.
    const path = join(this.#directory, `${String(this.#nextNumber).padStart(12, "0")}.ndjson`);
    const file = fs.openSync(path, "ax", 0o600);
    const segment = { path, bytes: 0 };
    this.#nextNumber += 1;
    this.#segments.push(segment);
    this.#openFile = file;
    this.#directoryChanged = true;
    return { file, segment };
  }

  /** Cuts off what a failed write left, and closes the segment, so that nothing is ever appended to a torn line. */
  #undo(file: number, segment: SpillSegment): void {
    this.#closeFile();
    try {
      fs.ftruncateSync(file, segment.bytes);
    } catch {
      // The reader recognises a torn line by its checksum.
    }
  }

  async #sync(): Promise<void> {
    const files = [...this.#unsynced];
    this.#unsynced.clear();
    const directoryChanged = this.#directoryChanged;
    this.#directoryChanged = false;
    try {
      for (const file of files) await datasync(file);
      if (directoryChanged) await syncDirectory(this.#directory);
    } finally {
      for (const file of files) {
        if (file !== this.#openFile && !this.#unsynced.has(file)) fs.closeSync(file);
      }
    }
  }
}

function datasync(file: number): Promise<void> {
  return new Promise((resolve, reject) => fs.fdatasync(file, (error) => (error ? reject(error) : resolve())));
}

/** Makes the names of new files durable. Windows has no such call and needs none. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await fs.promises.open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
