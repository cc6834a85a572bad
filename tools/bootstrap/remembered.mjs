import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../../.meterline/toolchain.json", import.meta.url));

/**
 * Where the programs fetched from the package registry lie (absolute paths), and which pnpm it is ("pnpm@1.2.3").
 * @typedef {{ node?: string, pnpm?: string, pnpmVersion?: string }} Toolchain
 */

/** What earlier runs found, whether or not it still exists. @returns {Toolchain} */
export function readRemembered() {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Missing or half written: found again.
    return {};
  }
}

/** @param {Toolchain} found */
export function remember(found) {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ ...readRemembered(), ...found }, null, 2)}\n`);
  renameSync(draft, file);
}
