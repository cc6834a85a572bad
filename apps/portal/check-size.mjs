/**
 * Fails when the JavaScript of the portal's first load is above its budget, and prints the figure. Counted: everything
 * from the address to the dashboard (entry, sign-in, dashboard and all that they import), gzipped. Not counted: what comes
 * after the figures are on screen, which is the chart library, and other pages. Run after `vite build`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 250 * 1024;
const dist = join(import.meta.dirname, "dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite", "manifest.json"), "utf8"));

/** The dashboard and the sign-in page are in the entry; were one split off, it must be counted by adding its source here. */
const FIRST_LOAD = ["index.html"];

const files = new Set();
const visit = (name) => {
  const chunk = manifest[name];
  if (chunk === undefined) throw new Error(`The build has no chunk "${name}"; is check-size.mjs out of date?`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const imported of chunk.imports ?? []) visit(imported);
};
for (const name of FIRST_LOAD) visit(name);

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
const say = (line) => process.stdout.write(`${line}\n`);
let total = 0;
for (const file of files) total += gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const lazy = Object.values(manifest)
  .filter((chunk) => chunk.file.endsWith(".js") && !files.has(chunk.file))
  .map((chunk) => `${chunk.name} ${kilobytes(gzipSync(readFileSync(join(dist, chunk.file)), { level: 9 }).length)}`);
say(
  `Portal first load: ${kilobytes(total)} of JavaScript gzipped in ${files.size} file(s); budget ${kilobytes(BUDGET_BYTES)}.`,
);
say(`Loaded later: ${lazy.join(", ")}.`);
if (total > BUDGET_BYTES) {
  say(`Over budget by ${kilobytes(total - BUDGET_BYTES)}. Load what the first page does not need with lazy().`);
  process.exitCode = 1;
}
