import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCsv } from "./csv-file.ts";
import type { CsvRow } from "./csv-splitter.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "csv-file-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function readAll(content: string | Buffer): Promise<{ columns: readonly string[]; rows: CsvRow[] }> {
  const path = join(directory, "file.csv");
  writeFileSync(path, content);
  const file = await openCsv(path);
  const rows: CsvRow[] = [];
  for await (const row of file.rows) rows.push(row);
  expect(file.bytesRead()).toBe(file.totalBytes);
  return { columns: file.columns, rows };
}

const row = (line: number, ...values: string[]): CsvRow => ({ line, values, fault: null });

describe("openCsv", () => {
  test("a byte order mark, CRLF, blank lines and a missing last line break", async () => {
    const { columns, rows } = await readAll("\uFEFFa,b\r\n1,2\r\n\r\n3,4");
    expect(columns).toEqual(["a", "b"]);
    expect(rows).toEqual([row(2, "1", "2"), row(4, "3", "4")]);
  });

  test("quotes hold commas, quotes and line breaks; a row's line is where it begins", async () => {
    const { rows } = await readAll('a,b\n"x,""y""","line 1\nline 2"\n5,6\n');
    expect(rows).toEqual([row(2, 'x,"y"', "line 1\nline 2"), row(4, "5", "6")]);
  });

  test("a row with broken quotes is a fault of its own", async () => {
    const { rows } = await readAll('a,b\n1,2\n"x"y,2\n5,6\n');
    expect(rows).toEqual([row(2, "1", "2"), { ...row(3, "x"), fault: expect.any(String) }, row(4, "5", "6")]);
  });

  test("a quote that is never closed stops the import: what follows cannot be told apart into rows", async () => {
    await expect(readAll('a,b\n1,2\n3,"4\n5,6\n7,8\n')).rejects.toThrow(/begins in line 3 and does not end/);
    const long = "5,6\n".repeat(400_000);
    await expect(readAll(`a,b\n1,2\n3,"4\n${long}`)).rejects.toThrow(/begins in line 3 and does not end/);
  });

  test("a header with broken quotes is not passed over for the next line", async () => {
    await expect(readAll('"a"x,b\n1,2\n')).rejects.toThrow(/has a header that cannot be read/);
    await expect(readAll('"a"x,b\n')).rejects.toThrow(/has a header that cannot be read/);
  });

  test("gzip is told by its first bytes", async () => {
    const { rows } = await readAll(gzipSync("a,b\n1,2\n"));
    expect(rows).toEqual([row(2, "1", "2")]);
  });

  test("a gzip that ends in the middle says so", async () => {
    const numbers = Array.from({ length: 20_000 }, (_, index) => `${index},${(index * 7_919) % 10_007}\n`);
    const whole = gzipSync(`a,b\n${numbers.join("")}`);
    await expect(readAll(whole.subarray(0, whole.length - 5_000))).rejects.toThrow(/ends in the middle/);
  });

  test("a damaged gzip says so", async () => {
    const whole = gzipSync(`a,b\n${"1,2\n".repeat(1_000)}`);
    whole.fill(0xff, 20, 30);
    await expect(readAll(whole)).rejects.toThrow(/damaged/);
  });

  test("an empty file and an absent one cannot be imported", async () => {
    await expect(readAll("")).rejects.toThrow(/is empty/);
    await expect(openCsv(join(directory, "absent.csv"))).rejects.toThrow(/cannot be read: ENOENT/);
  });

  test("a header alone has no rows", async () => {
    expect(await readAll("a,b\n")).toEqual({ columns: ["a", "b"], rows: [] });
  });
});
