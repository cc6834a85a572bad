import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "./command.mjs";
import { inRepository } from "./places.mjs";

const stampFile = inRepository("node_modules", ".meterline-installed");
const WORKSPACE_FOLDERS = ["packages", "apps"];
const WORKSPACE_PACKAGES = ["bench", "e2e", "tools/postgres"];

/**
 * Installs every dependency as the lock file has it; nothing when that was done and nothing changed since.
 * @param {NodeJS.ProcessEnv} env
 */
export async function install(env) {
  if (isInstalled()) return "nothing changed";
  const options = ["--frozen-lockfile", "--prefer-offline", "--reporter=append-only"];
  // CI: never asks anything, even when it has to replace what an older pnpm installed.
  await run("pnpm", ["install", ...options], { env: { ...env, CI: "true" }, title: "Installing dependencies" });
  writeFileSync(stampFile, fingerprint());
  return "";
}

function isInstalled() {
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== fingerprint()) return false;
  return manifests().every(
    (manifest) => !hasDependencies(manifest) || existsSync(path.join(path.dirname(manifest), "node_modules")),
  );
}

function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  for (const file of [inRepository("pnpm-lock.yaml"), inRepository("pnpm-workspace.yaml"), ...manifests()]) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Every package.json of the workspace. */
function manifests() {
  const inFolders = WORKSPACE_FOLDERS.flatMap((folder) =>
    readdirSync(inRepository(folder)).map((name) => `${folder}/${name}`),
  );
  const places = ["", ...inFolders.toSorted(), ...WORKSPACE_PACKAGES];
  return places.map((place) => inRepository(place, "package.json")).filter((file) => existsSync(file));
}

/** @param {string} manifest */
function hasDependencies(manifest) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(manifest, "utf8"));
  return Object.keys({ ...dependencies, ...devDependencies }).length > 0;
}
