import { readFileSync, statSync } from "node:fs";
import type { Fault } from "@meterline/billing-domain";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";

/** A fault and the line of the file that it is on, counted from 1; null where that cannot be told. */
export type FileFault = Fault & { line: number | null };

/** A catalog file as it was read. */
export type CatalogFile = {
  content: unknown;
  /** Finds the line of a path such as `plans[0].rateCards[1].meterKey`, or of what is around it. */
  lineOf: (path: string) => number | null;
};

/** Well below what the API takes in one request. */
const MAX_FILE_BYTES = 4 * 1_048_576;

/** Reads a catalog file, YAML or JSON. */
export function readCatalogFile(file: string): { ok: true; file: CatalogFile } | { ok: false; faults: FileFault[] } {
  const whole = (message: string) => ({ ok: false as const, faults: [{ path: "", line: null, message }] });
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES) return whole(`has ${size} bytes; at most ${MAX_FILE_BYTES} are taken`);
    text = readFileSync(file, "utf8");
  } catch (error) {
    return whole(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseCatalogText(text);
}

/** Parses a catalog's text; see `readCatalogFile`. */
export function parseCatalogText(text: string): ReturnType<typeof readCatalogFile> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => ({
      path: "",
      line: lines.linePos(error.pos[0]).line,
      message: `is not YAML: ${error.message}`,
    }));
    return { ok: false, faults };
  }
  try {
    // An empty file is an empty catalog, which changes nothing.
    const content: unknown = document.toJS() ?? {};
    return { ok: true, file: { content, lineOf: (path) => lineOf(document, lines, path) } };
  } catch (error) {
    const message = `is not YAML: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, faults: [{ path: "", line: null, message }] };
  }
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: string): number | null {
  const steps = [...path.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
  // A field that is missing has no line of its own: the nearest thing around it that is there has.
  for (let length = steps.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(steps.slice(0, length), true);
    const start = isNode(node) ? node.range?.[0] : undefined;
    if (start !== undefined) return lines.linePos(start).line;
  }
  return null;
}
