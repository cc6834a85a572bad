import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { serverAccount } from "./account.mjs";
import { findBinaries } from "./binaries.mjs";
import { stopLeftoverServer } from "./leftover-server.mjs";
import { processesIn, signal, waitUntilGone } from "./processes.mjs";
import { durableSettings, settingFlags } from "./settings.mjs";

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const ADMIN = "postgres";
const OWNER = "meterline";

/** @param {import("./index.d.mts").ClusterOptions} options @returns {import("./index.d.mts").Cluster} */
export function openCluster(options) {
  return new LocalCluster(options);
}

class LocalCluster {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #server;
  /** @type {Promise<string> | undefined} how the server ended */
  #ended;
  #expectedEnd = false;
  /** @type {((how: string) => void)[]} */
  #listeners = [];
  #options;
  #binaries = findBinaries();

  /** @param {import("./index.d.mts").ClusterOptions} options */
  constructor(options) {
    this.#options = { ...options, directory: path.resolve(options.directory) };
  }

  get directory() {
    return this.#options.directory;
  }
  get port() {
    return this.#options.port;
  }
  get running() {
    return this.#server !== undefined;
  }
  get pid() {
    return this.#server?.pid;
  }

  async initialise() {
    if (existsSync(path.join(this.directory, "PG_VERSION"))) return { created: false };
    const draft = `${this.directory}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    const account = this.#account();
    const passwordFile = path.join(draft, "password");
    const target = path.join(draft, "cluster");
    writeFileSync(passwordFile, `${this.#options.credentials.adminPassword}\n`, { mode: 0o600 });
    account.own(draft);
    const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const args = ["-D", target, "-U", ADMIN, "--auth=scram-sha-256", `--pwfile=${passwordFile}`, ...locale];
    const { code, output } = await this.#run(account.wrap(this.#binaries.initdb, args));
    if (code !== 0) throw new Error(`PostgreSQL could not make its data directory ${this.directory}: ${output.trim()}`);
    // The rename is what makes it exist: killed before it, the next start begins again.
    renameSync(target, this.directory);
    rmSync(draft, { recursive: true, force: true });
    return { created: true };
  }

  async start() {
    if (this.#server) throw new Error("PostgreSQL is already running");
    await stopLeftoverServer(this.directory);
    const log = openSync(this.#options.logFile, "a");
    const settings = { ...durableSettings(), ...this.#options.settings };
    const flags = ["-D", this.directory, "-p", String(this.port), ...settingFlags(settings)];
    const { command, args, ids } = this.#account().wrap(this.#binaries.postgres, flags);
    // Detached: a Ctrl-C in the terminal must reach the API first and the database last.
    const server = spawn(command, args, {
      ...ids,
      cwd: "/",
      detached: true,
      stdio: ["ignore", log, log],
      env: serverEnvironment(),
    });
    closeSync(log);
    this.#server = server;
    this.#expectedEnd = false;
    this.#ended = new Promise((resolve) => {
      server.once("error", (error) => resolve(error.message));
      server.once("exit", (code, name) => resolve(name ? `signal ${name}` : `exit code ${code}`));
    });
    void this.#ended.then((how) => this.#handleEnd(server, how));
    await this.#untilReady();
  }

  async stop() {
    await this.#end("SIGINT");
  }

  async kill() {
    const children = processesIn(this.directory);
    await this.#end("SIGKILL");
    for (const child of children) signal(child, "SIGKILL");
    await waitUntilGone(children, STOP_TIMEOUT_MS);
  }

  /** @param {(how: string) => void} listener */
  onUnexpectedExit(listener) {
    this.#listeners.push(listener);
  }

  /** @param {string} name */
  async ensureDatabase(name) {
    const client = new pg.Client({ connectionString: this.adminUrl("postgres") });
    await client.connect();
    try {
      const role = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [OWNER]);
      const verb = role.rowCount === 0 ? "CREATE" : "ALTER";
      const password = client.escapeLiteral(this.#options.credentials.ownerPassword);
      await client.query(`${verb} ROLE ${OWNER} LOGIN CREATEDB CREATEROLE PASSWORD ${password}`);
      const database = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
      if (database.rowCount === 0)
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} OWNER ${OWNER}`);
    } finally {
      await client.end();
    }
  }

  /** @param {string} database */
  url(database) {
    return `postgresql://${OWNER}:${this.#options.credentials.ownerPassword}@127.0.0.1:${this.port}/${database}`;
  }
  /** @param {string} database */
  adminUrl(database) {
    return `postgresql://${ADMIN}:${this.#options.credentials.adminPassword}@127.0.0.1:${this.port}/${database}`;
  }

  #account() {
    return serverAccount(this.#binaries.postgres, path.dirname(this.directory));
  }

  /** @param {{ command: string, args: string[], ids: object }} program @returns {Promise<{ code: number | null, output: string }>} */
  #run({ command, args, ids }) {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        ...ids,
        cwd: "/",
        stdio: ["ignore", "pipe", "pipe"],
        env: serverEnvironment(),
      });
      let output = "";
      child.stdout.on("data", (chunk) => (output += chunk));
      child.stderr.on("data", (chunk) => (output += chunk));
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, output }));
    });
  }

  /** @param {NodeJS.Signals} name */
  async #end(name) {
    const server = this.#server;
    if (!server?.pid) return;
    this.#expectedEnd = true;
    const { pid } = server;
    signal(pid, name);
    const hard = setTimeout(() => signal(pid, "SIGQUIT"), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(hard);
  }

  /** @param {import("node:child_process").ChildProcess} server @param {string} how */
  #handleEnd(server, how) {
    if (this.#server !== server) return;
    this.#server = undefined;
    if (!this.#expectedEnd) for (const listener of this.#listeners) listener(how);
  }

  async #untilReady() {
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      if (!this.#server) throw new Error(`PostgreSQL ended while starting.\n${lastLines(this.#options.logFile)}`);
      if (await this.#accepts()) return;
      if (performance.now() > deadline) {
        await this.stop();
        throw new Error(
          `PostgreSQL was not ready after ${START_TIMEOUT_MS / 1000} s.\n${lastLines(this.#options.logFile)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  async #accepts() {
    const client = new pg.Client({ connectionString: this.adminUrl("postgres"), connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return true;
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error);
      if (code === "28P01") {
        throw new Error(`The password kept for ${this.directory} is not the one it was made with.`, { cause: error });
      }
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

function serverEnvironment() {
  return { PATH: process.env.PATH ?? "", LC_MESSAGES: "C", TZ: "UTC" };
}

/** @param {string} file */
function lastLines(file) {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-12).join("\n");
}
