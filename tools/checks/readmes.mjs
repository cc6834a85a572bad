import { readFileSync } from "node:fs";
import path from "node:path";

const MOST_LINES = 80;
const EXPLAINED = /^(apps\/api\/src\/modules\/[^/]+|packages\/[^/]+)\//;

/** Every package and API module says in a short README what it owns. @param {string} root @param {string[]} files @returns {string[]} */
export function readmeFaults(root, files) {
  const places = new Set(files.map((file) => EXPLAINED.exec(file)?.[1]).filter((place) => place !== undefined));
  return [...places].flatMap((place) => {
    const readme = `${place}/README.md`;
    if (!files.includes(readme)) return [`${readme}: missing`];
    const count = readFileSync(path.join(root, readme), "utf8").trimEnd().split("\n").length;
    return count > MOST_LINES ? [`${readme}: ${count} lines; at most ${MOST_LINES}`] : [];
  });
}
