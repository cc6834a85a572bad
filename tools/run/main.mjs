import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { build } from "../bootstrap/build.mjs";
import { endRunningCommands } from "../bootstrap/command.mjs";
import { install } from "../bootstrap/install.mjs";
import { onParentGone } from "../bootstrap/parent.mjs";
import { inRepository } from "../bootstrap/places.mjs";
import { Progress } from "../bootstrap/progress.mjs";
import { toolEnvironment } from "../bootstrap/toolchain.mjs";

/** The programs of the workspace that a person runs by name. @type {Record<string, { built: string, program: string }>} */
const PROGRAMS = {
  import: { built: "usage-client", program: "packages/usage-client/dist/import-cli.js" },
  "stripe-doctor": { built: "api", program: "apps/api/dist/stripe-doctor.js" },
  catalog: { built: "api", program: "apps/api/dist/catalog-cli.js" },
  simulate: { built: "api", program: "apps/api/dist/simulate.js" },
  bench: { built: "bench", program: "bench/dist/index.js" },
};

const [name = "", ...args] = process.argv.slice(2);
const chosen = PROGRAMS[name];
if (chosen) {
  // As `npm start` does; what the environment says goes before it.
  if (existsSync(inRepository(".env"))) process.loadEnvFile(inRepository(".env"));
  await prepare(chosen.built);
  process.exitCode = await runProgram(inRepository(chosen.program), args);
} else {
  process.stderr.write(`Usage: npm run ${Object.keys(PROGRAMS).join("|")} -- …\n`);
  process.exitCode = 2;
}

/** Installs and builds what is missing. All of it is told on stderr: stdout belongs to the program. @param {string} built */
async function prepare(built) {
  const progress = new Progress(process.stderr, { onlySlowSteps: true });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => giveUp("Stopped."));
  try {
    const env = await progress.step("pnpm", () => toolEnvironment());
    await progress.step("Dependencies", () => install(env));
    await progress.step("Build", () => build(env, [built]));
  } catch (error) {
    giveUp(error instanceof Error ? error.message : String(error));
  }
  process.removeAllListeners("SIGINT");
  process.removeAllListeners("SIGTERM");
}

/** @param {string} reason @returns {never} */
function giveUp(reason) {
  endRunningCommands();
  process.stderr.write(`\n${reason}\n`);
  process.exit(1);
}

/** @param {string} program @param {string[]} programArgs @returns {Promise<number>} its exit code */
function runProgram(program, programArgs) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--enable-source-maps", program, ...programArgs], { stdio: "inherit" });
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
      // A terminal sends its Ctrl-C to the program too, which must not take it for two.
      process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
    }
    // Whoever runs this under a newer Node was killed.
    process.on("disconnect", () => child.kill("SIGTERM"));
    process.channel?.unref();
    onParentGone(() => child.kill("SIGTERM"));
    child.once("error", (error) => giveUp(error.message));
    child.once("exit", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}
