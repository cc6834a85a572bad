import { spawn } from "node:child_process";
import { repositoryDirectory } from "./places.mjs";

const TAIL_LINES = 60;
const KEPT_CHARACTERS = 200_000;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** A program that failed; the message ends with the last lines it printed. */
export class CommandError extends Error {
  /** @param {string} title @param {string} output @param {number | null} code */
  constructor(title, output, code) {
    super(`${title} failed (exit code ${code ?? "none"}).\n\n${lastLines(output)}`);
    this.name = "CommandError";
    this.output = output;
    this.code = code;
  }
}

/**
 * Runs a program without a keyboard and keeps what it prints.
 * @param {string} command @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, title?: string, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, options = {}) {
  const { env = process.env, title = command, onOutput } = options;
  return new Promise((resolve, reject) => {
    const shell = process.platform === "win32";
    const child = spawn(command, args, { cwd: repositoryDirectory, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    let output = "";
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
      onOutput?.(chunk.toString());
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => reject(new CommandError(title, error.message, null)));
    child.once("close", (code) => {
      running.delete(child);
      if (code === 0) resolve(output);
      else reject(new CommandError(title, output, code));
    });
  });
}

/**
 * Runs a program that prints to this terminal.
 * @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env @returns {Promise<number>} its exit code
 */
export function runInView(command, args, env) {
  return new Promise((resolve) => {
    const shell = process.platform === "win32";
    const child = spawn(command, args, {
      cwd: repositoryDirectory,
      env,
      shell,
      stdio: ["ignore", "inherit", "inherit"],
    });
    running.add(child);
    const end = (/** @type {number} */ code) => {
      running.delete(child);
      resolve(code);
    };
    child.once("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      end(1);
    });
    child.once("exit", (code) => end(code ?? 1));
  });
}

/** Interrupts every program under way, as a Ctrl-C would: test runners then stop the servers that they started. */
export function endRunningCommands() {
  for (const child of running) child.kill("SIGINT");
}

/** @param {string} text */
export function lastLines(text, count = TAIL_LINES) {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
