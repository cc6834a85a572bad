import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * The passwords of the embedded database, made on first use. Nobody types them; they keep other accounts of the
 * machine out.
 * @param {string} stateDirectory @returns {import("../postgres/index.d.mts").Credentials}
 */
export function databaseCredentials(stateDirectory) {
  const file = path.join(stateDirectory, "database.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const secret = () => randomBytes(18).toString("hex");
  const credentials = { adminPassword: secret(), ownerPassword: secret() };
  mkdirSync(stateDirectory, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(credentials), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return credentials;
}
