import { onParentGone } from "../bootstrap/parent.mjs";

/**
 * Calls `stop` when the person asks for it, or whoever started this process is killed.
 * @param {() => void} stop
 */
export function onStopRequest(stop) {
  for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(name, stop);
  process.on("disconnect", stop);
  onParentGone(stop);
}
