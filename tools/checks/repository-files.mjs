import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const NOT_OURS = new Set([
  ".git",
  "node_modules",
  "dist",
  ".turbo",
  ".meterline",
  "coverage",
  "test-results",
  "playwright-report",
]);

/** Every file that belongs to the repository, by its path from the root, new ones included. @param {string} root @returns {string[]} */
export function filesOf(root) {
  const names = existsSync(path.join(root, ".git")) ? listed(root) : walked(root);
  return names.filter((name) => existsSync(path.join(root, name))).toSorted();
}

/** @param {string} root */
function listed(root) {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const output = execFileSync("git", args, { cwd: root, maxBuffer: 64 * 1024 * 1024 }).toString();
  return output.split("\0").filter(Boolean);
}

/** Without git, as in an unpacked archive. @param {string} root @param {string} [below] @returns {string[]} */
function walked(root, below = "") {
  return readdirSync(path.join(root, below), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const name = below ? `${below}/${entry.name}` : entry.name;
    return entry.isDirectory() ? walked(root, name) : [name];
  });
}
