import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stopLeftoverServer } from "@meterline/local-postgres";

const PREFIX = "meterline-test-";

/**
 * A temporary folder that belongs to this process, for a server under test; a database goes into its folder `postgres`.
 * First removes those whose process was killed, with the server that still runs there.
 */
export async function makeTestFolder(): Promise<string> {
  await removeAbandoned();
  const folder = mkdtempSync(path.join(tmpdir(), PREFIX));
  writeFileSync(path.join(folder, "owner.pid"), String(process.pid));
  return folder;
}

async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(tmpdir(), name);
    if (ownerLives(folder)) continue;
    await stopLeftoverServer(path.join(folder, "postgres"));
    rmSync(folder, { recursive: true, force: true });
  }
}

function ownerLives(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(path.join(folder, "owner.pid"), "utf8")), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
