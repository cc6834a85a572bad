import { build } from "../bootstrap/build.mjs";
import { endRunningCommands } from "../bootstrap/command.mjs";
import { install } from "../bootstrap/install.mjs";
import { repositoryDirectory } from "../bootstrap/places.mjs";
import { Progress } from "../bootstrap/progress.mjs";
import { toolEnvironment } from "../bootstrap/toolchain.mjs";
import { Stack } from "../stack/stack.mjs";
import { confirmFresh, deleteState } from "./fresh.mjs";
import { HELP, readOptions, readSettings, StartError } from "./options.mjs";
import { checkPorts } from "./ports.mjs";
import { becomeOnlyInstance } from "./single-instance.mjs";
import { onStopRequest } from "./stop-request.mjs";
import { summary } from "./summary.mjs";

/** What has to be built before the API, the portal and the admin app can run. */
const BUILT = ["api", "portal", "admin", "stripe-sandbox"];

const progress = new Progress();
let stopping = false;
// A closed terminal must not keep it from stopping in order.
process.stdout.on("error", () => {});

try {
  await main();
} catch (error) {
  // Once it is being stopped, the steps that this interrupts fail as they must.
  if (!stopping) {
    const expected = error instanceof StartError || !(error instanceof Error);
    progress.say(`\n${expected || !process.env["DEBUG"] ? messageOf(error) : error.stack}`);
    process.exit(1);
  }
}

async function main() {
  process.chdir(repositoryDirectory);
  const options = readOptions(process.argv.slice(2));
  if (options.help) return progress.say(HELP);
  const settings = readSettings();
  const self = {
    pid: process.pid,
    url: `http://localhost:${settings.port}`,
    state: /** @type {"running" | "stopping"} */ ("running"),
  };
  const claim = await becomeOnlyInstance(settings.stateDirectory, self);
  if (!claim.held) {
    throw new StartError(
      `Meterline already runs in this folder, as process ${claim.other.pid}: ${claim.other.url}\nPress Ctrl-C there to stop it.`,
    );
  }
  if (options.fresh) await confirmFresh(settings, options.yes);

  const stack = new Stack({
    ...settings,
    env: { DEMO_TRAFFIC: "true", ...process.env },
    say: (text) => progress.say(`${new Date().toLocaleTimeString()}  ${text}`),
    giveUp: (reason) => void stop(`${reason}\nThe logs are in ${settings.stateDirectory}/logs.`, 1),
  });
  onStopRequest(() => void stop("", 0));
  try {
    await setUp(stack, settings, options.fresh);
  } catch (error) {
    if (!stopping) await stack.stop();
    throw error;
  }
  progress.say(summary(settings.stateDirectory, settings.port, settings.sandboxPort));

  /** @param {string} reason @param {number} exitCode */
  async function stop(reason, exitCode) {
    if (stopping) return;
    stopping = true;
    self.state = "stopping";
    progress.say(reason ? `\n${reason}` : "\nStopping");
    endRunningCommands();
    await progress.step(settings.databaseUrl ? "API stopped" : "API and PostgreSQL stopped", () => stack.stop());
    process.exit(exitCode);
  }
}

/** @param {Stack} stack @param {import("./options.mjs").StartSettings} settings @param {boolean} fresh */
async function setUp(stack, settings, fresh) {
  progress.say(`Meterline, on Node ${process.versions.node}`);
  await step("Clearing what an earlier run left", () => stack.clearLeftovers());
  if (fresh) await step("Starting over", async () => deleteState(settings.stateDirectory));
  await step("Ports are free", () => checkPorts(settings));
  const env = await step("pnpm", () => toolEnvironment());
  await step("Dependencies", () => install(env));
  await step("Build", () => build(env, BUILT));
  if (!settings.databaseUrl) await step(`PostgreSQL on port ${settings.databasePort}`, () => stack.startDatabase());
  if (settings.sandboxPort) await step(`Stripe sandbox on port ${settings.sandboxPort}`, () => stack.startSandbox());
  await step(`API, portal and admin app on port ${settings.port}`, () => stack.startApi());
}

/** @template T @param {string} title @param {() => Promise<T>} work @returns {Promise<T>} */
async function step(title, work) {
  if (stopping) throw new StartError("Stopped.");
  return progress.step(title, work);
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
