import { isPortFree } from "../postgres/ports.mjs";
import { StartError } from "./options.mjs";

const LOOK_AHEAD = 50;

/** Stops with a message when a port that is about to be used is taken. @param {import("./options.mjs").StartSettings} settings */
export async function checkPorts(settings) {
  await check(settings.port, "PORT", "the API, the portal and the admin app");
  if (settings.sandboxPort) await check(settings.sandboxPort, "STRIPE_SANDBOX_PORT", "the stand-in for Stripe");
  if (!settings.databaseUrl) await check(settings.databasePort, "DATABASE_PORT", "the embedded PostgreSQL");
}

/** @param {number} port @param {string} setting @param {string} use */
async function check(port, setting, use) {
  if (await isPortFree(port)) return;
  const free = await nextFree(port);
  const example = process.platform === "win32" ? `set ${setting}=${free} && npm start` : `${setting}=${free} npm start`;
  throw new StartError(
    `Port ${port}, which ${use} would listen on, is used by another program.\n` +
      `Stop that program, or choose another port with the setting ${setting}: ${example}`,
  );
}

/** @param {number} port */
async function nextFree(port) {
  for (let next = port + 1; next <= Math.min(port + LOOK_AHEAD, 65_535); next += 1) {
    if (await isPortFree(next)) return next;
  }
  return port + 1_000;
}
