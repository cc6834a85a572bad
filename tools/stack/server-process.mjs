import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { repositoryDirectory } from "../bootstrap/places.mjs";
import { commandOf, isAlive, signal, waitUntilGone } from "../postgres/processes.mjs";
import { LogFile } from "./log-file.mjs";

const READY_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 20_000;
const followParent = new URL("./follow-parent.mjs", import.meta.url).href;

/**
 * A server of ours as a process of its own that a Ctrl-C in the terminal does not reach.
 * @typedef {object} ServerOptions
 * @property {string} title as messages call it
 * @property {string} name of its log and of the file with its process id
 * @property {string} stateDirectory
 * @property {string} entry the program, absolute
 * @property {string[]} [args]
 * @property {number} port
 * @property {string | undefined} [host] where it listens
 * @property {string} readyPath answers 2xx once it is ready
 * @property {() => NodeJS.ProcessEnv} env asked at each start
 */
export class ServerProcess {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;
  /** @type {Promise<string> | undefined} how it ended */
  #ended;
  #expectedEnd = false;
  #options;
  #log;
  #pidFile;
  /** @type {(how: string) => void} */
  onUnexpectedExit = () => {};

  /** @param {ServerOptions} options */
  constructor(options) {
    this.#options = options;
    this.#log = new LogFile(path.join(options.stateDirectory, "logs", `${options.name}.log`));
    this.#pidFile = path.join(options.stateDirectory, `${options.name}.pid`);
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Where it listens, seen from this machine. */
  get url() {
    const host = this.#options.host ?? "";
    return `http://${["", "0.0.0.0", "::", "localhost"].includes(host) ? "127.0.0.1" : host}:${this.#options.port}`;
  }

  /** Ends the server of an earlier run that was killed. */
  async stopLeftover() {
    const pid = existsSync(this.#pidFile) ? Number(readFileSync(this.#pidFile, "utf8")) : 0;
    if (!(pid > 0 && isAlive(pid) && commandOf(pid).includes(this.#options.entry))) return;
    await endProcess(pid);
  }

  /** Starts it and waits until it says that it is ready. */
  async start() {
    const log = openSync(this.#log.path, "a");
    const { entry, args: own = [] } = this.#options;
    const args = ["--enable-source-maps", "--import", followParent, entry, ...own];
    const child = spawn(process.execPath, args, {
      cwd: repositoryDirectory,
      detached: true,
      env: this.#options.env(),
      stdio: ["ignore", log, log, "ipc"],
    });
    closeSync(log);
    child.channel?.unref();
    this.#child = child;
    this.#expectedEnd = false;
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, name) => resolve(name ? `signal ${name}` : `exit code ${code}`));
    });
    let ready = false;
    void this.#ended.then((how) => {
      this.#child = undefined;
      if (ready && !this.#expectedEnd) this.onUnexpectedExit(how);
    });
    if (child.pid) writeFileSync(this.#pidFile, String(child.pid));
    await this.#untilReady(child);
    ready = true;
  }

  /** Asks it to finish what is under way and end. */
  async stop() {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    this.#expectedEnd = true;
    await endProcess(pid);
    await this.#ended;
    rmSync(this.#pidFile, { force: true });
  }

  /** @param {import("node:child_process").ChildProcess} child */
  async #untilReady(child) {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if (this.#child !== child)
        throw new Error(`${this.#options.title} ended while starting. Its last lines:\n${this.#log.lastLines(30)}`);
      if (await answersReady(`${this.url}${this.#options.readyPath}`)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.stop();
    throw new Error(
      `${this.#options.title} was not ready after ${READY_TIMEOUT_MS / 1000} s. Its last lines:\n${this.#log.lastLines(30)}`,
    );
  }
}

/** @param {string} url */
async function answersReady(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** @param {number} pid */
async function endProcess(pid) {
  signal(pid, "SIGTERM");
  if (await waitUntilGone([pid], STOP_TIMEOUT_MS)) return;
  signal(pid, "SIGKILL");
  await waitUntilGone([pid], STOP_TIMEOUT_MS);
}
