import { mkdirSync } from "node:fs";
import path from "node:path";
import { inRepository } from "../bootstrap/places.mjs";
import { stopLeftoverServer } from "../postgres/leftover-server.mjs";
import { databaseCredentials } from "./credentials.mjs";
import { LogFile } from "./log-file.mjs";
import { ensureWebhooks, sandboxKey } from "./sandbox-webhooks.mjs";
import { Restarts } from "./restarts.mjs";
import { ServerProcess } from "./server-process.mjs";

const DATABASE = "meterline";

/** @typedef {import("./stack.d.mts").StackOptions} StackOptions */

/** PostgreSQL, the stand-in for Stripe where it is asked for, and the API, kept running until they are stopped: what `npm start` and the browser tests start. */
export class Stack {
  /** @type {import("../postgres/index.d.mts").Cluster | undefined} */
  #cluster;
  #options;
  #api;
  /** @type {ServerProcess | undefined} */
  #sandbox;
  /** @type {import("./sandbox-webhooks.mjs").WebhookSecrets | undefined} */
  #secrets;
  /** @type {Restarts[]} */
  #restarts = [];

  /** @param {StackOptions} options */
  constructor(options) {
    this.#options = options;
    mkdirSync(options.stateDirectory, { recursive: true });
    const { stateDirectory, sandboxPort } = options;
    this.#api = new ServerProcess({
      title: "The API",
      name: "api",
      stateDirectory,
      port: options.port,
      host: options.env["HOST"],
      entry: options.apiEntry ?? inRepository("apps", "api", "dist", "main.js"),
      readyPath: "/readyz",
      env: () => this.#apiEnvironment(),
    });
    if (sandboxPort === undefined) return;
    this.#sandbox = new ServerProcess({
      title: "The Stripe sandbox",
      name: "stripe-sandbox",
      stateDirectory,
      port: sandboxPort,
      entry: inRepository("packages", "stripe-sandbox", "dist", "cli.js"),
      args: ["--port", String(sandboxPort), "--file", path.join(stateDirectory, "stripe-sandbox.state")],
      readyPath: "/_sandbox/state",
      env: () => ({ PATH: process.env["PATH"] }),
    });
  }

  /** The API's address on this machine. */
  get url() {
    return this.#api.url;
  }

  get processIds() {
    return { api: this.#api.pid, database: this.#cluster?.pid, sandbox: this.#sandbox?.pid };
  }

  /** Ends what an earlier run left behind when it was killed, so that its ports are free. */
  async clearLeftovers() {
    await this.#api.stopLeftover();
    await this.#sandbox?.stopLeftover();
    await stopLeftoverServer(this.#dataDirectory);
  }

  /** Starts PostgreSQL, making its data directory on first use. Nothing with a server of the operator's own. */
  async startDatabase() {
    if (this.#options.databaseUrl) return;
    // Loaded late: it needs the packages that the start itself installs.
    const { openCluster } = await import("../postgres/cluster.mjs");
    const cluster = openCluster({
      directory: this.#dataDirectory,
      port: this.#options.databasePort,
      logFile: new LogFile(path.join(this.#options.stateDirectory, "logs", "postgres.log")).path,
      credentials: databaseCredentials(this.#options.stateDirectory),
    });
    this.#cluster = cluster;
    await cluster.initialise();
    await cluster.start();
    await cluster.ensureDatabase(DATABASE);
    const restarts = this.#keep("PostgreSQL", () => cluster.start());
    cluster.onUnexpectedExit((how) => void restarts.ended(how));
  }

  /** Starts the stand-in for Stripe, with its webhooks pointed at the API. Nothing where none was asked for. */
  async startSandbox() {
    const sandbox = this.#sandbox;
    if (!sandbox) return;
    await sandbox.start();
    const restarts = this.#keep("The Stripe sandbox", () => sandbox.start());
    sandbox.onUnexpectedExit = (how) => void restarts.ended(how);
    this.#secrets = await ensureWebhooks({
      sandboxUrl: sandbox.url,
      target: `${this.#api.url}/stripe/webhooks`,
      stateDirectory: this.#options.stateDirectory,
    });
  }

  /** Starts the API, which migrates the database and seeds the demo by itself, and waits until it is ready. */
  async startApi() {
    await this.#api.start();
    const restarts = this.#keep("The API", () => this.#api.start());
    this.#api.onUnexpectedExit = (how) => void restarts.ended(how);
  }

  /** The API first, so that what it has under way still finds its database. */
  async stop() {
    for (const restarts of this.#restarts) restarts.cancel();
    await this.#stopBoth();
    // A restart that was under way may have begun a process after the first look.
    await Promise.all(this.#restarts.map((restarts) => restarts.underWay));
    await this.#stopBoth();
  }

  async #stopBoth() {
    await this.#api.stop();
    await this.#sandbox?.stop();
    await this.#cluster?.stop();
  }

  get #dataDirectory() {
    return path.join(this.#options.stateDirectory, "postgres");
  }

  /** @param {string} name @param {() => Promise<void>} start */
  #keep(name, start) {
    const restarts = new Restarts({ name, start, say: this.#options.say, giveUp: this.#options.giveUp });
    this.#restarts.push(restarts);
    return restarts;
  }

  /** The stand-in's settings go before those of the environment: it is only started where no key was given. */
  #stripeEnvironment() {
    if (!this.#sandbox || !this.#secrets) return {};
    return {
      STRIPE_API_KEY: sandboxKey,
      STRIPE_API_URL: this.#sandbox.url,
      STRIPE_WEBHOOK_SECRET: this.#secrets.webhook,
      STRIPE_EVENT_SECRET: this.#secrets.event,
    };
  }

  #apiEnvironment() {
    const { databaseUrl, databasePort, port, stateDirectory, env } = this.#options;
    const { ownerPassword } = databaseUrl ? { ownerPassword: "" } : databaseCredentials(stateDirectory);
    return {
      NODE_ENV: "production",
      SEED_DEMO: "true",
      MAILBOX: "true",
      WEBHOOK_ALLOW_LOOPBACK: "true",
      ...env,
      ...this.#stripeEnvironment(),
      PORT: String(port),
      STATE_DIR: stateDirectory,
      DATABASE_URL: databaseUrl ?? `postgresql://meterline:${ownerPassword}@127.0.0.1:${databasePort}/${DATABASE}`,
    };
  }
}
