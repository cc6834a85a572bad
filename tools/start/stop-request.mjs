const PARENT_LOOK_MS = 250;

/**
 * Calls `stop` when the person asks for it or whoever started this process is killed: an `npm start` without its npm
 * would run on unseen, and keep the ports from the next one.
 * @param {() => void} stop
 */
export function onStopRequest(stop) {
  for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(name, stop);
  process.on("disconnect", stop);
  if (process.env["npm_lifecycle_event"] !== "start" || process.connected) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, PARENT_LOOK_MS).unref();
}
