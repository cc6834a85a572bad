/** One record. `line` is where it begins, counted from 1. `fault` is set when its quoting cannot be read. */
export type CsvRow = { readonly line: number; readonly values: readonly string[]; readonly fault: string | null };

/** A quoted value that does not end: what follows cannot be told apart into rows. */
export class UnclosedQuoteError extends Error {
  readonly line: number;

  constructor(line: number) {
    super(`A quoted value begins in line ${line} and does not end. Mend the quotes and run the same command again.`);
    this.name = "UnclosedQuoteError";
    this.line = line;
  }
}

/** A record longer than this is taken for one whose quote was not closed. */
const MAX_RECORD_CHARACTERS = 1_048_576;

/**
 * Splits text into the records of RFC 4180, chunk by chunk. Lines end with LF or CRLF; blank lines are passed over. A quote
 * inside a value that does not begin with one is part of the value. Text after a closing quote spoils its line alone.
 */
export class CsvSplitter {
  #rest = "";
  #line = 1;

  /** The records that are complete with this chunk. Throws `UnclosedQuoteError`. */
  push(chunk: string): CsvRow[] {
    return this.#split(this.#rest + chunk, false);
  }

  /** The last record, when no line break follows it. Throws `UnclosedQuoteError`. */
  end(): CsvRow[] {
    return this.#split(this.#rest, true);
  }

  #split(text: string, isEnd: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    let position = 0;
    while (position < text.length) {
      const record = readRecord(text, position, isEnd);
      if (record === null) break;
      const isBlank = record.values.length === 1 && record.values[0] === "" && record.fault === null;
      if (!isBlank) rows.push({ line: this.#line, values: record.values, fault: record.fault });
      this.#line += countLineBreaks(text, position, record.next);
      position = record.next;
    }
    this.#rest = text.slice(position);
    if (this.#rest.length > (isEnd ? 0 : MAX_RECORD_CHARACTERS)) throw new UnclosedQuoteError(this.#line);
    return rows;
  }
}

type ReadRecord = { readonly values: string[]; readonly fault: string | null; readonly next: number };

/** The record that begins at `start`; null when its end is not in the text. */
function readRecord(text: string, start: number, isEnd: boolean): ReadRecord | null {
  const lineEnd = endOfLine(text, start, isEnd);
  if (lineEnd === null) return null;
  const line = text.slice(start, lineEnd.content);
  if (!line.includes('"')) return { values: line.split(","), fault: null, next: lineEnd.next };
  const values: string[] = [];
  for (let position = start; ; ) {
    const end = text[position] === '"' ? closingQuote(text, position, isEnd) : endOfPlain(text, position);
    if (end === null) return null;
    const isQuoted = text[position] === '"';
    const after = isQuoted ? end + 1 : end;
    values.push(isQuoted ? text.slice(position + 1, end).replaceAll('""', '"') : text.slice(position, end));
    if (text[after] === ",") {
      position = after + 1;
      continue;
    }
    const ending = endOfLine(text, after, isEnd);
    if (ending === null) return null;
    if (ending.content === after) return { values, fault: null, next: ending.next };
    return {
      values,
      fault: "Text follows a closing quote; a quote inside a quoted value is doubled.",
      next: ending.next,
    };
  }
}

/** Where the line's content ends and where the next line begins. */
function endOfLine(text: string, from: number, isEnd: boolean): { content: number; next: number } | null {
  const lineFeed = text.indexOf("\n", from);
  if (lineFeed === -1) return isEnd ? { content: text.length, next: text.length } : null;
  const hasReturn = lineFeed > from && text[lineFeed - 1] === "\r";
  return { content: hasReturn ? lineFeed - 1 : lineFeed, next: lineFeed + 1 };
}

/** The position of the quote that closes the one at `open`; null when it is not in the text or cannot be told yet. */
function closingQuote(text: string, open: number, isEnd: boolean): number | null {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 2)) {
    if (at + 1 === text.length && !isEnd) return null;
    if (text[at + 1] !== '"') return at;
  }
  return null;
}

/** The end of a value without quotes around it: the next comma or the end of the line. */
function endOfPlain(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === "," || character === "\n" || (character === "\r" && text[at + 1] === "\n")) return at;
  }
  return text.length;
}

function countLineBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
