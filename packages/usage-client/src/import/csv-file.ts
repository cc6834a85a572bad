import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { type CsvRow, CsvSplitter, UnclosedQuoteError } from "./csv-splitter.ts";
import { ImportStopped } from "./import-stopped.ts";

/** An opened file: its columns are known, its rows not yet read. */
export type CsvFile = {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<CsvRow>;
  readonly totalBytes: number;
  /** Bytes read from the disk so far, as they lie there: compressed ones for a .gz. */
  readonly bytesRead: () => number;
};

const READ_BYTES = 16_384;

/** Opens a CSV, plain or gzip (told by its first bytes). Memory does not grow with the file. Throws `ImportStopped`. */
export async function openCsv(path: string): Promise<CsvFile> {
  const { totalBytes, isGzip } = await inspect(path);
  const source = createReadStream(path, { highWaterMark: READ_BYTES });
  const rows = readRows(isGzip ? unzipped(source) : source, path);
  const header = await rows.next();
  if (header.done) throw new ImportStopped("NO_HEADER", `${path} is empty: it needs a header line.`);
  const { values, fault } = header.value;
  if (fault !== null) throw new ImportStopped("NO_HEADER", `${path} has a header that cannot be read: ${fault}`);
  return { columns: values, rows, totalBytes, bytesRead: () => source.bytesRead };
}

function unzipped(source: ReturnType<typeof createReadStream>): AsyncIterable<Buffer> {
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  // Whoever leaves the loop early closes the file too.
  gunzip.on("close", () => source.destroy());
  return source.pipe(gunzip);
}

async function* readRows(source: AsyncIterable<Buffer>, path: string): AsyncGenerator<CsvRow, undefined> {
  // Passes over a byte order mark; bytes that are not UTF-8 become U+FFFD.
  const decoder = new TextDecoder();
  const splitter = new CsvSplitter();
  let lastLine = 0;
  try {
    for await (const chunk of source) {
      for (const row of splitter.push(decoder.decode(chunk, { stream: true }))) {
        lastLine = row.line;
        yield row;
      }
    }
    yield* splitter.push(decoder.decode());
    yield* splitter.end();
  } catch (error) {
    if (error instanceof UnclosedQuoteError) throw new ImportStopped("UNCLOSED_QUOTE", `${path}: ${error.message}`);
    throw new ImportStopped("FILE_UNREADABLE", `${path}, after line ${lastLine}: ${reasonOf(error)}`);
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code === "Z_BUF_ERROR") {
    return "the gzip file ends in the middle. Rows before that were read; get the whole file and run the same command again.";
  }
  if (typeof code === "string" && code.startsWith("Z_")) return `the gzip file is damaged (${String(message)}).`;
  return String(message);
}

async function inspect(path: string): Promise<{ totalBytes: number; isGzip: boolean }> {
  try {
    const { size } = await stat(path);
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
      return { totalBytes: size, isGzip: bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b };
    } finally {
      await file.close();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ImportStopped("FILE_UNREADABLE", `${path} cannot be read: ${message}`);
  }
}
