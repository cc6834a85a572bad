import { readFileSync } from "node:fs";
import path from "node:path";

const MOST_LINES = 400;
const CODE = /\.(ts|tsx|mts|mjs|js|css|sql|md)$/;
const TEXT = /\.(ts|tsx|mts|mjs|js|css|sql|md|json|ya?ml|graphql|html|sh|csv)$|^\.ci\/run$/;
const GENERATED = /^pnpm-lock\.yaml$|\/src\/gql\/|^apps\/api\/schema\.graphql$|\/fixtures\/.*\.(json|csv)$/;
/** Roles come after dots: `usage.repository.int.test.ts`. */
const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const NAMED_OTHERWISE = /^(README|LICENSE|CHANGELOG|Dockerfile)(\.md)?$|^\d{4}_[a-z0-9_]+\.sql$/;
/** Folders of somebody's own machine. */
const MACHINE_PATH = /(?<![\w.~-])\/(work|root|home\/[a-z][\w-]*|Users\/[A-Za-z][\w-]*)\/[\w.]/;

/** Faults in names, sizes and contents. @param {string} root @param {string[]} files @returns {string[]} */
export function fileFaults(root, files) {
  return files.flatMap((file) => {
    const faults = nameFaults(file);
    if (!TEXT.test(file) || GENERATED.test(file)) return faults;
    return [...faults, ...contentFaults(file, readFileSync(path.join(root, file), "utf8"))];
  });
}

/** @param {string} file @returns {string[]} */
export function nameFaults(file) {
  const wrong = file.split("/").filter((part) => !KEBAB.test(part) && !NAMED_OTHERWISE.test(part));
  return wrong.map((part) => `${file}: "${part}" is not kebab-case`);
}

/** @param {string} file @param {string} content @returns {string[]} */
export function contentFaults(file, content) {
  const lines = content.split("\n");
  const count = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  const faults =
    CODE.test(file) && count > MOST_LINES ? [`${file}: ${count} lines; past ${MOST_LINES} it is two files`] : [];
  lines.forEach((line, index) => {
    const found = MACHINE_PATH.exec(line);
    if (found) faults.push(`${file}:${index + 1}: names a folder of one machine: ${found[0]}…`);
  });
  return faults;
}
