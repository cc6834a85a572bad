import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** Who holds a spill directory. */
type LockHolder = {
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  readonly processStart: string;
};

const LOCK_FILE = "lock";
/** How often a holder shows that it lives. */
export const HEARTBEAT_MS = 5_000;
/** A holder that cannot be asked (another host, or no /proc) and has been silent this long is taken for dead. */
export const STALE_AFTER_MS = 30_000;
const MAX_ATTEMPTS = 5;

/** Another process uses the spill directory. Two would send and delete each other's events. */
export class SpillDirectoryLockedError extends Error {
  constructor(directory: string, holder: string) {
    super(
      `The spill directory ${directory} is in use by ${holder}. Give each process a directory of its own; ` +
        `if that process is gone, its claim ends ${STALE_AFTER_MS / 1_000} seconds after its last sign of life.`,
    );
    this.name = "SpillDirectoryLockedError";
  }
}

/** The exclusive claim of one process on one spill directory, as a file that outlives a crash and is recognised as stale. */
export class SpillLock {
  readonly #path: string;
  readonly #content: string;

  private constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
  }

  /** Claims `directory`. Throws `SpillDirectoryLockedError` while a living process holds it. */
  static acquire(directory: string): SpillLock {
    const path = join(directory, LOCK_FILE);
    const self: LockHolder = {
      token: randomUUID(),
      host: hostname(),
      pid: process.pid,
      processStart: processStartOf(process.pid) ?? "",
    };
    const content = JSON.stringify(self);
    const draft = `${path}.${self.token}`;
    fs.writeFileSync(draft, content, { mode: 0o600 });
    try {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        // A hard link appears with its content in one step, and fails when the name is taken.
        if (linkIfFree(draft, path)) return new SpillLock(path, content);
        const found = readLock(path);
        if (found === null) continue;
        if (isAlive(found)) throw new SpillDirectoryLockedError(directory, describe(found.holder));
        removeStale(path, { stale: found.content, aside: `${draft}.stale` });
      }
      throw new SpillDirectoryLockedError(directory, "several processes at once");
    } finally {
      fs.rmSync(draft, { force: true });
    }
  }

  /** Shows that the holder lives. False when the claim was lost to another process. */
  renew(): boolean {
    if (!this.isHeld()) return false;
    const now = new Date();
    fs.utimesSync(this.#path, now, now);
    return true;
  }

  isHeld(): boolean {
    return readLock(this.#path)?.content === this.#content;
  }

  release(): void {
    if (this.isHeld()) fs.rmSync(this.#path, { force: true });
  }
}

type FoundLock = { readonly content: string; readonly holder: LockHolder | null; readonly renewedAt: number };

function linkIfFree(draft: string, path: string): boolean {
  try {
    fs.linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readLock(path: string): FoundLock | null {
  try {
    const content = fs.readFileSync(path, "utf8");
    return { content, holder: parseHolder(content), renewedAt: fs.statSync(path).mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function parseHolder(content: string): LockHolder | null {
  try {
    const value = JSON.parse(content) as Partial<LockHolder> | null;
    const { token, host, pid, processStart } = value ?? {};
    const isWhole =
      typeof token === "string" &&
      typeof host === "string" &&
      typeof pid === "number" &&
      typeof processStart === "string";
    return isWhole ? { token, host, pid, processStart } : null;
  } catch {
    // A power failure can leave an empty file; only its age then tells whether it is stale.
    return null;
  }
}

/**
 * Moves a stale lock aside. Two processes may try at once: the one that moved away something newer than what it judged
 * puts it back, so that a fresh claim is not lost.
 */
function removeStale(path: string, { stale, aside }: { stale: string; aside: string }): void {
  try {
    fs.renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (fs.readFileSync(aside, "utf8") !== stale) linkIfFree(aside, path);
  fs.rmSync(aside, { force: true });
}

function isAlive({ holder, renewedAt }: FoundLock): boolean {
  const isFresh = Date.now() - renewedAt < STALE_AFTER_MS;
  if (holder === null || holder.host !== hostname()) return isFresh;
  if (!processExists(holder.pid)) return false;
  const start = processStartOf(holder.pid);
  // The number may have been given to a new process since: in a container it nearly always is 1.
  if (start !== null && holder.processStart !== "") return start === holder.processStart;
  return isFresh;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process started, in the kernel's ticks since boot, with the boot's id. Null where there is no /proc. */
function processStartOf(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name, in parentheses, may hold spaces; field 22 is the 20th after it.
    const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    const bootId = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return startTicks === undefined ? null : `${bootId}:${startTicks}`;
  } catch {
    // Not Linux, or another user's hidden process.
    return null;
  }
}

function describe(holder: LockHolder | null): string {
  return holder === null ? "another process" : `process ${holder.pid} on ${holder.host}`;
}
