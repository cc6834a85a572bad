import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { platform } from "node:os";

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * What a process was started as, in one line; "" when there is no such process or it cannot be told.
 * @param {number} pid
 */
export function commandOf(pid) {
  try {
    if (platform() === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { stdio: "pipe" })
      .toString()
      .trim();
  } catch {
    return "";
  }
}

/** @param {number} pid @returns {number | undefined} the process that started it */
export function parentOf(pid) {
  try {
    const text =
      platform() === "linux"
        ? (/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "")
        : execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { stdio: "pipe" }).toString();
    return Number.parseInt(text, 10) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The processes that work in a folder: a server's children do, after their parent was killed. Linux only; elsewhere
 * they end by themselves within seconds.
 * @param {string} directory @returns {number[]}
 */
export function processesIn(directory) {
  if (platform() !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === directory;
      } catch {
        return false;
      }
    });
}

/**
 * Waits until the processes are gone, looking every 25 ms.
 * @param {number[]} pids @param {number} timeoutMs @returns {Promise<boolean>} whether they are
 */
export async function waitUntilGone(pids, timeoutMs) {
  const deadline = performance.now() + timeoutMs;
  while (pids.some(isAlive)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return true;
}

/** Sends a signal; a process that is already gone is no fault. @param {number} pid @param {NodeJS.Signals} signal */
export function signal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}
