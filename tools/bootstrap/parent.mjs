import { commandOf, isAlive, parentOf } from "../postgres/processes.mjs";

const LOOK_MS = 250;

/**
 * Calls `gone` when the npm that runs this script was killed. What it left would run on unseen and keep its ports from
 * the next start. Only under npm: whoever starts a tool by itself in the background may well mean it to stay.
 * @param {() => void} gone
 */
export function onParentGone(gone) {
  if (!process.env["npm_lifecycle_event"] || process.connected) return;
  // A shell may stand between, and would live on.
  const npm = [process.ppid, parentOf(process.ppid)].find((pid) => pid !== undefined && commandOf(pid).includes("npm"));
  if (npm === undefined) return;
  const timer = setInterval(() => {
    if (isAlive(npm)) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS);
  timer.unref();
}
