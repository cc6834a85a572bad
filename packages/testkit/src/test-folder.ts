import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stopLeftoverServer } from "@meterline/local-postgres";

const PREFIX = "meterline-test-";
/** Linux's file system in memory, where a write to disk costs nothing. */
const MEMORY = "/dev/shm";
/** Far more than the databases of a whole run hold at once. */
const MEMORY_NEEDED = 6 * 1024 ** 3;

/**
 * A temporary folder that belongs to this process, for a server under test; a database goes into its folder `postgres`.
 * First removes those whose process was killed, with the server that still runs there. `inMemory` puts it where nothing
 * waits for a disk, on a machine that has the memory to spare.
 */
export async function makeTestFolder({ inMemory = false } = {}): Promise<string> {
  for (const parent of [tmpdir(), MEMORY]) await removeAbandoned(parent);
  const folder = mkdtempSync(path.join(inMemory && hasRoom() ? MEMORY : tmpdir(), PREFIX));
  writeFileSync(path.join(folder, "owner.pid"), String(process.pid));
  return folder;
}

function hasRoom(): boolean {
  if (!existsSync(MEMORY) || process.availableMemory() < MEMORY_NEEDED) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= MEMORY_NEEDED;
}

async function removeAbandoned(parent: string): Promise<void> {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(parent, name);
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
