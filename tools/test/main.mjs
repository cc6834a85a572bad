import { parseArgs } from "node:util";
import { endRunningCommands } from "../bootstrap/command.mjs";
import { install } from "../bootstrap/install.mjs";
import { onParentGone } from "../bootstrap/parent.mjs";
import { repositoryDirectory } from "../bootstrap/places.mjs";
import { Progress, seconds } from "../bootstrap/progress.mjs";
import { toolEnvironment } from "../bootstrap/toolchain.mjs";
import { addCounts, closingLine } from "./counts.mjs";
import { STEPS } from "./steps.mjs";

const HELP = `Usage: npm test [-- --only NAME[,NAME…]]

Runs everything, or only the steps named: ${STEPS.map((step) => step.name).join(", ")}.
`;

/** @typedef {import("./steps.mjs").Step} Step */
/** @typedef {{ step: Step, time: string, counts: import("./counts.mjs").Counts, ok: boolean }} Outcome */

const NONE = { passed: 0, failed: 0, skipped: 0 };

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "disconnect"])) process.on(signal, giveUp);
onParentGone(giveUp);
process.channel?.unref();
process.chdir(repositoryDirectory);
process.exitCode = await main();

/** @returns {never} */
function giveUp() {
  endRunningCommands();
  process.exit(1);
}

/** @returns {Promise<number>} the exit code */
async function main() {
  const chosen = chosenSteps();
  if (!chosen) {
    process.stderr.write(HELP);
    return 2;
  }
  const startedAt = performance.now();
  const progress = new Progress();
  const env = await progress.step("pnpm", () => toolEnvironment());
  await progress.step("Dependencies", () => install(env));
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const step of chosen) {
    const missing = outcomes.find((outcome) => outcome.step.name === step.needs && !outcome.ok);
    outcomes.push(await runStep(step, env, missing?.step.title));
  }
  const total = outcomes.map((outcome) => outcome.counts).reduce(addCounts, NONE);
  progress.say(`\n${outcomes.map(line).join("\n")}\n  ${seconds(startedAt)} in all\n`);
  progress.say(closingLine(total));
  return outcomes.every((outcome) => outcome.ok) ? 0 : 1;
}

/** @returns {Step[] | undefined} */
function chosenSteps() {
  try {
    const { values } = parseArgs({ options: { only: { type: "string" } } });
    if (values.only === undefined) return STEPS;
    const names = values.only.split(",");
    return names.every((name) => STEPS.some((step) => step.name === name))
      ? STEPS.filter((step) => names.includes(step.name))
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A failed check counts as one failure; one that holds is no test.
 * @param {Step} step @param {NodeJS.ProcessEnv} env @param {string} [missing] the failed step that this one needs
 * @returns {Promise<Outcome>}
 */
async function runStep(step, env, missing) {
  process.stdout.write(`\n── ${step.title}\n`);
  const startedAt = performance.now();
  try {
    if (missing) throw new Error(`Not run, because this failed: ${missing}`);
    const found = await step.work(env);
    const counts = typeof found === "object" ? found : NONE;
    return { step, time: seconds(startedAt), counts, ok: counts.failed === 0 };
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
    return { step, time: seconds(startedAt), counts: { ...NONE, failed: 1 }, ok: false };
  }
}

/** @param {Outcome} outcome */
function line({ step, time, counts, ok }) {
  const tests = counts.passed + counts.failed > 1 ? `  ${closingLine(counts)}` : "";
  return `  ${ok ? "✓" : "✗"} ${step.title.padEnd(34)} ${time.padStart(8)}${tests}`;
}
