import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Where the running Meterline is, and the key that opens it. */
export type Connection = { url: string; apiKey: string };

/** What the environment says; null where it says nothing. */
export type ConnectionSettings = {
  url: string | null;
  apiKey: string | null;
  instanceFile: string;
  workingDirectory: string;
};

/**
 * Finds the running Meterline: what the environment says first, then `.meterline/instance.json`, which `npm start`
 * writes, looked for from the working directory upwards. A key that was written for one address goes to no other.
 */
export function findConnection(settings: ConnectionSettings): Connection | { fault: string } {
  const { url, apiKey } = settings;
  if (url !== null && apiKey !== null) return { url, apiKey };
  const file = findUpwards(join(".meterline", "instance.json"), settings.workingDirectory) ?? settings.instanceFile;
  const instance = readInstance(file);
  if (instance === null)
    return {
      fault: `There is no running Meterline at hand (${file}). Run npm start, or set METERLINE_URL and METERLINE_API_KEY.`,
    };
  if (url !== null && url !== instance.url)
    return { fault: `METERLINE_URL is set and METERLINE_API_KEY is not. Set both.` };
  return { url: url ?? instance.url, apiKey: apiKey ?? instance.apiKey };
}

const MAX_LEVELS = 50;

/** The nearest file of this relative path, from a folder upwards; null when there is none. */
export function findUpwards(path: string, from: string): string | null {
  let folder = resolve(from);
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    const candidate = join(folder, path);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
  return null;
}

function readInstance(file: string): Connection | null {
  if (!existsSync(file)) return null;
  try {
    const { url, apiKey } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    return typeof url === "string" && typeof apiKey === "string" ? { url, apiKey } : null;
  } catch {
    // Half written or not ours: as good as absent, and the message names the file.
    return null;
  }
}
