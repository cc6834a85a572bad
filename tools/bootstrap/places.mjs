import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const repositoryDirectory = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** @param {string[]} parts @returns {string} a path inside the repository */
export function inRepository(...parts) {
  return path.join(repositoryDirectory, ...parts);
}
