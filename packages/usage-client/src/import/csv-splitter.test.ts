import fc from "fast-check";
import { expect, test } from "vitest";
import { type CsvRow, CsvSplitter } from "./csv-splitter.ts";
import { csvLine } from "./rejects-file.ts";

function split(text: string, cuts: readonly number[] = []): CsvRow[] {
  const splitter = new CsvSplitter();
  const places = [...cuts.map((cut) => cut % (text.length + 1)).sort((one, other) => one - other), text.length];
  let from = 0;
  const rows = places.flatMap((place) => {
    const chunk = text.slice(from, place);
    from = place;
    return splitter.push(chunk);
  });
  return [...rows, ...splitter.end()];
}

test("wherever the chunks are cut, what was written is read, each row at its line", () => {
  const value = fc.string({ unit: fc.constantFrom("a", "é", "😀", ",", '"', "\n", "\r\n", " "), maxLength: 6 });
  const row = fc.array(value, { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      fc.boolean(),
      (rows, cuts, isCrlf) => {
        const lines = rows.map((values) => csvLine(values));
        const text = isCrlf ? lines.map((line) => line.replace(/\n$/, "\r\n")).join("") : lines.join("");
        const read = split(text, cuts);
        expect(read.map(({ values }) => values)).toEqual(rows);
        let line = 1;
        for (const [index, written] of lines.entries()) {
          expect(read[index]).toMatchObject({ line, fault: null });
          line += written.split("\n").length - 1;
        }
      },
    ),
  );
});

test("a quote inside a value that does not begin with one is part of it", () => {
  expect(split('5"q,a "b" c\n')).toEqual([{ line: 1, values: ['5"q', 'a "b" c'], fault: null }]);
});

test("an empty last value, and a last line without a line break", () => {
  expect(split("a,\n,b").map(({ values }) => values)).toEqual([
    ["a", ""],
    ["", "b"],
  ]);
});
