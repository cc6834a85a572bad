import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** Read by `npm start` itself, before the API's config.ts exists. */
const READ_BY_TOOLS = ["DATABASE_PORT", "STRIPE_SANDBOX_PORT"];

/** `.env.example` lists exactly the variables that are read. @param {string} root @returns {string[]} */
export function environmentFaults(root) {
  const example = path.join(root, ".env.example");
  if (!existsSync(example)) return [".env.example: missing"];
  const config = readFileSync(path.join(root, "apps/api/src/config.ts"), "utf8");
  return differences(
    new Set([...variablesRead(config), ...READ_BY_TOOLS]),
    new Set(variablesListed(readFileSync(example, "utf8"))),
  );
}

/** The keys of `environmentSchema`, and what `readClientConfig` reads beside it. @param {string} source */
export function variablesRead(source) {
  const schema = /environmentSchema = z\.object\(\{([^]*?)\n\}\)/.exec(source)?.[1] ?? "";
  const keys = [...schema.matchAll(/^\s*([A-Z][A-Z0-9_]*):/gm)].map((match) => match[1]);
  const direct = [...source.matchAll(/environment\["(METERLINE_[A-Z_]*)"\]/g)].map((match) => match[1]);
  return [...keys, ...direct].filter((name) => name !== undefined);
}

/** Set or commented out: `# PORT=4400` lists PORT. @param {string} example */
export function variablesListed(example) {
  return [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)]
    .map((match) => match[1])
    .filter((name) => name !== undefined);
}

/** @param {Set<string>} read @param {Set<string>} listed */
function differences(read, listed) {
  return [
    ...[...read].filter((name) => !listed.has(name)).map((name) => `.env.example: ${name} is read but not listed`),
    ...[...listed].filter((name) => !read.has(name)).map((name) => `.env.example: ${name} is listed but not read`),
  ];
}
