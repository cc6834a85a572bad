import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { run } from "./command.mjs";
import { inRepository } from "./places.mjs";
import { readRemembered, remember } from "./remembered.mjs";

/**
 * The environment in which `node` is this one and `pnpm` the pinned one, for every program started after.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function toolEnvironment() {
  const withNode = prepend(process.env, path.dirname(process.execPath));
  const quiet = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", DO_NOT_TRACK: "1" };
  return { ...prepend(withNode, path.dirname(await pinnedPnpm(withNode))), ...quiet };
}

/** The path of the pnpm that package.json pins: npx is asked once. @param {NodeJS.ProcessEnv} env */
async function pinnedPnpm(env) {
  /** @type {{ packageManager: string }} */
  const { packageManager } = JSON.parse(readFileSync(inRepository("package.json"), "utf8"));
  const known = readRemembered();
  if (known.pnpm && known.pnpmVersion === packageManager && existsSync(known.pnpm)) return known.pnpm;
  const find = process.platform === "win32" ? "where pnpm" : "command -v pnpm";
  const output = await run("npx", ["-y", `--package=${packageManager}`, "-c", find], { env, title: "Fetching pnpm" });
  const pnpm = output.split(/\r?\n/).findLast((line) => path.isAbsolute(line.trim()));
  if (!pnpm) throw new Error(`pnpm was fetched but not found: ${output}`);
  remember({ pnpm: pnpm.trim(), pnpmVersion: packageManager });
  return pnpm.trim();
}

/** @param {NodeJS.ProcessEnv} env @param {string} directory @returns {NodeJS.ProcessEnv} */
function prepend(env, directory) {
  const name = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...env, [name]: [directory, env[name]].filter(Boolean).join(path.delimiter) };
}
