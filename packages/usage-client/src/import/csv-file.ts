import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { type CsvError, type Info, parse } from "csv-parse";
import { ImportStopped } from "./import-stopped.ts";

/** One record. `line` is where it begins, counted from 1. `fault` is set when its quoting cannot be read. */
export type CsvRow = { readonly line: number; readonly values: readonly string[]; readonly fault: string | null };

/** An opened file: its columns are known, its rows not yet read. */
export type CsvFile = {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<CsvRow>;
  readonly totalBytes: number;
  /** Bytes read from the disk so far, as they lie there: compressed ones for a .gz. */
  readonly bytesRead: () => number;
};

const READ_BYTES = 16_384;
const MAX_RECORD_BYTES = 1_048_576;

/** Opens a CSV, plain or gzip (told by its first bytes). Memory does not grow with the file. Throws `ImportStopped`. */
export async function openCsv(path: string): Promise<CsvFile> {
  const { totalBytes, isGzip } = await inspect(path);
  let bytesRead = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytesRead += chunk.length;
      done(null, chunk);
    },
  });
  const skipped: CsvRow[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_RECORD_BYTES,
    on_skip: (error) => {
      if (error) skipped.push({ line: lineOf(error), values: [], fault: error.message });
      return undefined;
    },
  });
  const source = createReadStream(path, { highWaterMark: READ_BYTES });
  // Whatever fails on the way destroys the parser with the reason, and the loop over it throws.
  const done = () => undefined;
  if (isGzip) pipeline(source, counter, createGunzip(), parser, done);
  else pipeline(source, counter, parser, done);
  const rows = readRows(parser, { skipped, path });
  const first = await rows.next();
  if (first.done || first.value.fault !== null) {
    const reason = first.done
      ? "is empty: it needs a header line"
      : `has a header that cannot be read: ${first.value.fault}`;
    throw new ImportStopped("NO_HEADER", `${path} ${reason}.`);
  }
  return { columns: first.value.values, rows, totalBytes, bytesRead: () => bytesRead };
}

type ParsedRecord = { readonly record: string[]; readonly info: Info };

async function* readRows(
  parser: AsyncIterable<ParsedRecord>,
  { skipped, path }: { skipped: CsvRow[]; path: string },
): AsyncGenerator<CsvRow, undefined> {
  let lastLine = 0;
  try {
    for await (const { record, info } of parser) {
      for (const row of skipped.splice(0)) yield row;
      lastLine = info.lines;
      yield { line: info.lines - lineBreaksIn(record), values: record, fault: null };
    }
  } catch (error) {
    throw new ImportStopped("FILE_UNREADABLE", `${path}, after line ${lastLine}: ${reasonOf(error)}`);
  }
  for (const row of skipped.splice(0)) yield row;
  return undefined;
}

/** The parser counts the line on which a record ends. */
function lineBreaksIn(record: readonly string[]): number {
  let count = 0;
  for (const value of record) {
    for (let at = value.indexOf("\n"); at !== -1; at = value.indexOf("\n", at + 1)) count += 1;
  }
  return count;
}

function lineOf(error: CsvError): number {
  const lines: unknown = error["lines"];
  return typeof lines === "number" ? lines : 0;
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
