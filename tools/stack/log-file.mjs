import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import path from "node:path";

const LARGEST_BYTES = 50 * 1024 * 1024;
const LOOK_EVERY_MS = 60_000;

/** A log that a server appends to. One earlier part is kept, so that it never grows past twice 50 MiB. */
export class LogFile {
  /** @param {string} file */
  constructor(file) {
    this.path = file;
    mkdirSync(path.dirname(file), { recursive: true });
    this.#limit();
    setInterval(() => this.#limit(), LOOK_EVERY_MS).unref();
  }

  /** @param {number} count */
  lastLines(count) {
    if (!existsSync(this.path)) return "";
    return readFileSync(this.path, "utf8").trimEnd().split("\n").slice(-count).join("\n");
  }

  #limit() {
    if (!existsSync(this.path) || statSync(this.path).size < LARGEST_BYTES) return;
    // Copied and emptied, because the server keeps the file open and appends.
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path);
  }
}
