import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";

/**
 * The secret that signs session cookies: the setting AUTH_SECRET, or one made once and kept beside the data, so that a
 * restart signs nobody out. Several processes on several machines must share the setting.
 */
export async function readOrMakeAuthSecret(config: Config): Promise<string> {
  if (config.auth.secret !== null) return config.auth.secret;
  const file = join(config.stateDirectory, "auth-secret");
  await mkdir(config.stateDirectory, { recursive: true });
  const made = randomBytes(32).toString("base64url");
  try {
    await writeFile(file, made, { flag: "wx", mode: 0o600 });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return (await readFile(file, "utf8")).trim();
  }
}
