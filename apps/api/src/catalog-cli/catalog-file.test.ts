import { describe, expect, test } from "vitest";
import { parseCatalogText, readCatalogFile } from "./catalog-file.ts";

const text = `# a comment
meters:
  - key: calls
    name: Calls
  - key: seats

plans:
  - key: pro
    rateCards:
      - { meterKey: calls, unitPrice: 3 }
`;

describe("the line of a fault", () => {
  const read = parseCatalogText(text);
  const lineOf = (path: string) => (read.ok ? read.file.lineOf(path) : null);

  test.each([
    ["meters[0].key", 3],
    ["meters[0].name", 4],
    ["meters[1]", 5],
    ["plans[0].rateCards[0].unitPrice", 10],
    ["plans[0].rateCards[0]", 10],
  ])("%s is on line %i", (path, line) => {
    expect(lineOf(path)).toBe(line);
  });

  test("a field that is missing is on the line of what it is missing from", () => {
    expect(lineOf("meters[1].unit")).toBe(5);
    expect(lineOf("plans[0].rateCards[0].model")).toBe(10);
  });

  test("the whole file has none", () => {
    expect(lineOf("")).toBeNull();
    expect(lineOf("nothing")).toBeNull();
  });
});

describe("what is no catalog file", () => {
  test("YAML that does not parse names its lines", () => {
    const read = parseCatalogText("meters:\n  - key: [unclosed\nplans: {\n");
    expect(read.ok ? [] : read.faults[0]).toMatchObject({
      line: expect.any(Number),
      message: expect.stringContaining("YAML"),
    });
  });

  test("a field that is written twice is a fault, since one of the two would be lost", () => {
    const read = parseCatalogText("meters: []\nmeters: []\n");
    expect(read.ok ? [] : read.faults.map((fault) => fault.line)).toEqual([2]);
  });

  test("aliases that unfold without end are refused", () => {
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
    for (const [name, inner] of ["ba", "cb", "dc", "ed", "fe"].map((pair) => [pair[0], pair[1]]))
      bomb.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${inner}`).join(",")}]`);
    expect(parseCatalogText(bomb.join("\n")).ok).toBe(false);
  });

  test("a file that is not there is named as unreadable", () => {
    const read = readCatalogFile("/nowhere/catalog.yaml");
    expect(read.ok ? "" : read.faults[0]?.message).toContain("cannot be read");
  });

  test("an empty file is an empty catalog", () => {
    expect(parseCatalogText("# nothing yet\n")).toMatchObject({ ok: true, file: { content: {} } });
  });
});
