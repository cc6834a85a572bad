import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";

/** A part of the sandbox that outlives a restart. `save` gives what `load` takes, in an empty part. */
export type Kept = { save(): unknown; load(saved: never): void };

const FORMAT = "stripe-sandbox 1";

/** Reads a state file into the parts it was written from. Does nothing when there is none yet. */
export function loadState(file: string, parts: Readonly<Record<string, Kept>>): void {
  if (!existsSync(file)) return;
  const image = readImage(file);
  for (const [name, part] of Object.entries(parts)) {
    const saved = image.parts[name];
    if (saved !== undefined) part.load(saved);
  }
}

function readImage(file: string): { parts: Record<string, never> } {
  const refusal = `${file} is not a state file of this version; delete it to start anew`;
  let image: { format?: unknown; parts: Record<string, never> };
  try {
    image = deserialize(readFileSync(file)) as typeof image;
  } catch (cause) {
    throw new Error(refusal, { cause });
  }
  if (image.format !== FORMAT) throw new Error(refusal);
  return image;
}

/** Writes all parts at once: a crash in between leaves the file as it was. */
export function saveState(file: string, parts: Readonly<Record<string, Kept>>): void {
  const saved = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.save()]));
  writeFileSync(`${file}.new`, serialize({ format: FORMAT, parts: saved }));
  renameSync(`${file}.new`, file);
}
