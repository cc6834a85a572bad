import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import path from "node:path";
import { commandOf, isAlive, processesIn, signal, waitUntilGone } from "./processes.mjs";

const STOP_TIMEOUT_MS = 60_000;

/**
 * Ends what still runs on a data directory after its owner was killed: the server, or children that outlived it.
 * Also removes a lock file whose process is something else by now, which PostgreSQL itself would not dare.
 * @param {string} directory @returns {Promise<boolean>} whether anything ran
 */
export async function stopLeftoverServer(directory) {
  if (!existsSync(directory)) return false;
  const lockFile = path.join(directory, "postmaster.pid");
  const pid = lockedBy(lockFile);
  if (pid !== undefined && isAlive(pid) && isServerOf(pid, directory)) {
    signal(pid, "SIGINT");
    if (!(await waitUntilGone([pid], STOP_TIMEOUT_MS))) {
      throw new Error(`PostgreSQL (process ${pid}) from an earlier run does not end: stop it, then start again.`);
    }
    return true;
  }
  const children = processesIn(realpathSync(directory)).filter((child) => commandOf(child).includes("postgres"));
  for (const child of children) signal(child, "SIGQUIT");
  if (!(await waitUntilGone(children, 5_000))) {
    for (const child of children) signal(child, "SIGKILL");
    await waitUntilGone(children, STOP_TIMEOUT_MS);
  }
  if (pid !== undefined) rmSync(lockFile, { force: true });
  return children.length > 0;
}

/** @param {string} lockFile @returns {number | undefined} */
function lockedBy(lockFile) {
  if (!existsSync(lockFile)) return undefined;
  const pid = Number.parseInt(readFileSync(lockFile, "utf8").split("\n")[0] ?? "", 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** @param {number} pid @param {string} directory */
function isServerOf(pid, directory) {
  const command = commandOf(pid);
  return command.includes("postgres") && (command.includes(directory) || command.includes(realpathSync(directory)));
}
