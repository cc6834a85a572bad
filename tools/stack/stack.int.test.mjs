import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { databaseCredentials } from "./credentials.mjs";
import { openCluster } from "../postgres/cluster.mjs";
import { freePort, isPortFree } from "../postgres/ports.mjs";
import { isAlive, waitUntilGone } from "../postgres/processes.mjs";
import { query as queryAt } from "../postgres/query.mjs";
import { Stack } from "./stack.mjs";

const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

let options;
let stack;
let said;
beforeEach(async () => {
  const stateDirectory = mkdtempSync(path.join(tmpdir(), "meterline-stack-"));
  options = {
    stateDirectory,
    port: await freePort(),
    databasePort: await freePort(),
    apiEntry: fixture("tiny-api.mjs"),
  };
  said = [];
  stack = new Stack({ ...options, env: {}, say: (text) => said.push(text), giveUp: (reason) => said.push(reason) });
});
afterEach(async () => {
  await stack.stop();
  rmSync(options.stateDirectory, { recursive: true, force: true });
});

async function startAll(one = stack) {
  await one.clearLeftovers();
  await one.startDatabase();
  await one.startApi();
}

function query(sql) {
  const { ownerPassword } = databaseCredentials(options.stateDirectory);
  return queryAt(`postgresql://meterline:${ownerPassword}@127.0.0.1:${options.databasePort}/meterline`, sql);
}

async function until(condition) {
  const deadline = performance.now() + 30_000;
  for (;;) {
    if (
      await Promise.resolve()
        .then(condition)
        .catch(() => false)
    )
      return;
    if (performance.now() > deadline) throw new Error(`Waited 30 s; it said: ${said.join(" | ")}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const apiAnswers = async () => (await fetch(`${stack.url}/readyz`)).ok;

test("stopped, it leaves no process and no listener, and keeps its data", async () => {
  await startAll();
  await query("CREATE TABLE kept AS SELECT 7 AS n");
  const pids = Object.values(stack.processIds);
  await stack.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  expect([await isPortFree(options.port), await isPortFree(options.databasePort)]).toEqual([true, true]);
  await startAll();
  expect(await query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
});

test("killed one by one, the API and PostgreSQL are started again, and committed rows are there", async () => {
  await startAll();
  await query("CREATE TABLE kept AS SELECT 7 AS n");
  const before = stack.processIds;
  process.kill(before.api, "SIGKILL");
  await until(() => stack.processIds.api !== undefined && stack.processIds.api !== before.api && apiAnswers());
  process.kill(before.database, "SIGKILL");
  await until(
    async () => stack.processIds.database !== before.database && (await query("SELECT n FROM kept"))[0].n === 7,
  );
  await until(() => said.length === 4);
  expect(said.filter((line) => line.endsWith("runs again."))).toEqual([
    "The API runs again.",
    "PostgreSQL runs again.",
  ]);
});

test("whoever started it is killed: the API follows, and the next start takes over PostgreSQL with every row", async () => {
  const owner = fork(fixture("run-stack.mjs"), [JSON.stringify(options)], { execArgv: [] });
  const [pids] = await once(owner, "message");
  await query("CREATE TABLE kept AS SELECT 7 AS n");
  owner.kill("SIGKILL");
  expect(await waitUntilGone([pids.api], 10_000)).toBe(true);
  expect(isAlive(pids.database)).toBe(true);
  await startAll();
  expect(isAlive(pids.database)).toBe(false);
  expect(await query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
});

test("everything killed at once: the next start recovers", async () => {
  const owner = fork(fixture("run-stack.mjs"), [JSON.stringify(options)], { execArgv: [] });
  const [pids] = await once(owner, "message");
  await query("CREATE TABLE kept AS SELECT 7 AS n");
  for (const pid of [owner.pid, pids.api, pids.database]) process.kill(pid, "SIGKILL");
  await startAll();
  expect(await query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
});

test("a lock file that names a living process which is no PostgreSQL does not block", async () => {
  await startAll();
  await query("CREATE TABLE kept AS SELECT 7 AS n");
  const lockFile = path.join(options.stateDirectory, "postgres", "postmaster.pid");
  const lines = readFileSync(lockFile, "utf8").split("\n");
  await stack.stop();
  writeFileSync(lockFile, [String(process.pid), ...lines.slice(1)].join("\n"));
  await startAll();
  expect(await query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
});

test("killed while the data directory is made, the next start makes it anew", async () => {
  const directory = path.join(options.stateDirectory, "postgres");
  const credentials = databaseCredentials(options.stateDirectory);
  const logFile = path.join(options.stateDirectory, "logs", "postgres.log");
  const half = openCluster({ directory: `${directory}.new/cluster`, port: options.databasePort, logFile, credentials });
  await half.initialise();
  rmSync(`${directory}.new/cluster/PG_VERSION`);
  await startAll();
  expect(await query("SELECT current_setting('fsync') || current_setting('synchronous_commit') AS s")).toEqual([
    { s: "onon" },
  ]);
});

test("the API that never starts is reported with its last lines", async () => {
  const broken = new Stack({
    ...options,
    apiEntry: fixture("no-such-file.mjs"),
    env: {},
    say: () => {},
    giveUp: () => {},
  });
  await broken.startDatabase();
  await expect(broken.startApi()).rejects.toThrow(/The API ended while starting[^]*no-such-file/);
  await broken.stop();
});
