import { run } from "./command.mjs";
import { inRepository } from "./places.mjs";

/**
 * Builds packages and what they are made of. Turborepo knows what has changed since it last built, so that doing it
 * again costs about a second.
 * @param {NodeJS.ProcessEnv} env @param {string[]} [packages] names without their scope; all when left out
 */
export async function build(env, packages = []) {
  const filters = packages.map((name) => `--filter=@meterline/${name}`);
  const args = ["run", "build", "--output-logs=errors-only", "--no-color", ...filters];
  const output = await run(inRepository("node_modules", ".bin", "turbo"), args, { env, title: "Building" });
  const counts = /Cached:\s+(\d+) cached, (\d+) total/.exec(output);
  return counts && counts[1] === counts[2] ? "nothing changed" : "";
}
