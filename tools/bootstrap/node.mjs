import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onParentGone } from "./parent.mjs";
import { readRemembered, remember } from "./remembered.mjs";

/** The oldest Node that everything here runs on, and the release fetched when this one is older. */
const OLDEST = [22, 18];
const FETCHED = "24";

/**
 * Loads the rest of a tool on a Node that can run it: this one, or one fetched from the package registry.
 * @param {string} toolUrl the tool's own `import.meta.url` @param {() => Promise<unknown>} load
 */
export async function onCurrentNode(toolUrl, load) {
  if (isCurrent(process.versions.node)) {
    await load();
    return;
  }
  process.stderr.write(`Node ${process.versions.node} is older than ${OLDEST.join(".")}: `);
  const node = await fetchedNode();
  process.stderr.write(`running under Node ${FETCHED} from the package registry.\n`);
  process.exitCode = await runAs(node, [fileURLToPath(toolUrl), ...process.argv.slice(2)]);
}

/** @param {string} version */
export function isCurrent(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** The path of the fetched Node: npx is asked once, so that later starts need no network. */
async function fetchedNode() {
  const known = readRemembered().node;
  if (known && existsSync(known)) return known;
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const args = ["-y", `node@${FETCHED}`, "-p", "process.execPath"];
  try {
    const { stdout } = await promisify(execFile)(npx, args, { shell: process.platform === "win32" });
    const node = stdout.trim().split("\n").pop() ?? "";
    if (!path.isAbsolute(node)) throw new Error(`npx answered ${stdout}`);
    remember({ node });
    return node;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`\nNode ${FETCHED} could not be fetched from the package registry (${reason}).\n`);
    process.stderr.write(`Install Node ${OLDEST.join(".")} or later from https://nodejs.org and try again.\n`);
    process.exit(1);
  }
}

/**
 * Runs the tool as a child. The channel tells the child when this process is killed, so that it never stays alone.
 * @param {string} node @param {string[]} args @returns {Promise<number>}
 */
function runAs(node, args) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { stdio: ["inherit", "inherit", "inherit", "ipc"] });
    for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
      // A terminal sends its Ctrl-C to the child too.
      process.on(name, () => (name === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(name)));
    }
    onParentGone(() => child.kill("SIGTERM"));
    child.once("error", (error) => {
      process.stderr.write(`${node} does not run: ${error.message}\n`);
      resolve(1);
    });
    child.once("exit", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}
