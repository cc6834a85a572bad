import { mkdirSync, rmSync } from "node:fs";
import { build } from "../bootstrap/build.mjs";
import { run, runInView } from "../bootstrap/command.mjs";
import { inRepository } from "../bootstrap/places.mjs";
import { provideChromium } from "./chromium.mjs";
import { playwrightCounts, vitestCounts } from "./counts.mjs";

/** @typedef {import("./counts.mjs").Counts} Counts */

/**
 * One step of the test run. A check answers nothing and throws with what it found; tests answer how many passed.
 * @typedef {object} Step
 * @property {string} name for `--only`
 * @property {string} title
 * @property {string} [needs] the name of a step without which this one says nothing
 * @property {(env: NodeJS.ProcessEnv) => Promise<Counts | string | undefined>} work
 */

const bin = (/** @type {string} */ name) => inRepository("node_modules", ".bin", name);
/** Each failed browser test may wait for its whole timeout; past this many the rest would only cost time. */
const MOST_FAILURES = 10;
const SOURCES = ["packages", "apps", "bench", "e2e", "tools"];
const reports = inRepository("node_modules", ".cache", "test-reports");

/** In an order in which the quick ones come first and each finds what it needs. @type {Step[]} */
export const STEPS = [
  check("format", "Format", "biome", ["format", "."]),
  check("lint", "Lint", "oxlint", ["--deny-warnings"]),
  check("types", "Types", "turbo", ["run", "typecheck", "--continue", "--output-logs=errors-only", "--no-color"]),
  check("boundaries", "Boundaries", "depcruise", ["--config", "tools/boundaries/dependency-cruiser.mjs", ...SOURCES]),
  { name: "build", title: "Build", work: (env) => build(env) },
  {
    name: "checks",
    title: "Structural checks",
    work: (env) => quietly("Structural checks", process.execPath, ["tools/checks/main.mjs"], env),
  },
  {
    name: "size",
    title: "First load of the portal",
    needs: "build",
    work: (env) => quietly("First load of the portal", process.execPath, ["apps/portal/check-size.mjs"], env),
  },
  { name: "unit", title: "Unit tests", work: (env) => vitest("unit", env) },
  { name: "int", title: "Integration tests on PostgreSQL", work: (env) => vitest("int", env) },
  { name: "e2e", title: "Browser tests", needs: "build", work: playwright },
];

/** @param {string} name @param {string} title @param {string} program @param {string[]} args @returns {Step} */
function check(name, title, program, args) {
  return { name, title, work: (env) => quietly(title, bin(program), args, env) };
}

/** @param {string} title @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} env */
async function quietly(title, program, args, env) {
  await run(program, args, { env, title });
  return undefined;
}

/** @param {"unit" | "int"} project @param {NodeJS.ProcessEnv} env @returns {Promise<Counts>} */
async function vitest(project, env) {
  const report = freshReport(`${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // By itself Vitest leaves a core free, for which these have no use.
  const code = await runInView(bin("vitest"), ["run", "--project", project, "--maxWorkers=100%", ...reporters], env);
  return vitestCounts(report, code);
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Counts>} */
async function playwright(env) {
  const chromium = await provideChromium(env);
  const report = freshReport("e2e.json");
  const args = [
    "test",
    "--config",
    "e2e/playwright.config.ts",
    "--reporter=list,json",
    `--max-failures=${MOST_FAILURES}`,
  ];
  const browser = { PLAYWRIGHT_JSON_OUTPUT_FILE: report, METERLINE_CHROMIUM: chromium };
  const code = await runInView(bin("playwright"), args, { ...env, ...browser });
  return playwrightCounts(report, code);
}

/** @param {string} name */
function freshReport(name) {
  mkdirSync(reports, { recursive: true });
  const file = `${reports}/${name}`;
  rmSync(file, { force: true });
  return file;
}
