import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isCurrent } from "../bootstrap/node.mjs";
import { freePort } from "../postgres/ports.mjs";
import { becomeOnlyInstance } from "./single-instance.mjs";
import { summary } from "./summary.mjs";

const start = fileURLToPath(new URL("../start.mjs", import.meta.url));

let stateDirectory;
beforeEach(() => {
  stateDirectory = mkdtempSync(path.join(tmpdir(), "meterline-start-"));
});
afterEach(() => rmSync(stateDirectory, { recursive: true }));

/** Runs `npm start` until it ends, which these cases do before it installs anything. */
function runStart(args, env) {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const given = { ...inherited, STATE_DIR: stateDirectory, DATABASE_URL: "", ...env };
  const { status, stdout } = spawnSync(process.execPath, [start, ...args], { env: given, encoding: "utf8" });
  return { status, stdout };
}

async function listening(port, host) {
  const server = net.createServer().listen(port, host);
  await once(server, "listening");
  return server;
}

test("Node: 22.18 is the oldest", () => {
  expect(["18.0.0", "20.20.2", "22.17.9"].map(isCurrent)).toEqual([false, false, false]);
  expect(["22.18.0", "24.0.0"].map(isCurrent)).toEqual([true, true]);
});

test.each(["PORT", "DATABASE_PORT"])("a used port is named, with its setting %s and a free one", async (setting) => {
  const used = await freePort();
  const server = await listening(used, "127.0.0.1");
  const ports = { PORT: String(await freePort()), DATABASE_PORT: String(await freePort()), [setting]: String(used) };
  const child = spawn(process.execPath, [start], {
    env: { ...process.env, ...ports, STATE_DIR: stateDirectory, DATABASE_URL: "" },
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  server.close();
  expect(code).toBe(1);
  expect(output).toContain(`Port ${used}, which`);
  expect(output).toMatch(new RegExp(`the setting ${setting}: ${setting}=\\d+ npm start`));
});

test("settings and options that cannot be are refused with the reason", () => {
  expect(runStart([], { PORT: "70000" }).stdout).toContain("PORT=70000 is not a port");
  expect(runStart(["--frsh"], {})).toMatchObject({
    status: 1,
    stdout: expect.stringContaining("Unknown option '--frsh'"),
  });
});

test("--fresh deletes nothing without an answer, and never on a server of somebody's own", () => {
  mkdirSync(path.join(stateDirectory, "postgres"));
  expect(runStart(["--fresh"], {})).toMatchObject({ status: 1, stdout: expect.stringContaining("add --yes") });
  const own = runStart(["--fresh", "--yes"], { DATABASE_URL: "postgresql://localhost/own" });
  expect(own).toMatchObject({ status: 1, stdout: expect.stringContaining("empty that one yourself") });
});

test("a second start in the same folder learns who runs there; a killed one holds nothing", async () => {
  const self = { pid: process.pid, url: "http://localhost:4400", state: "running" };
  const first = await becomeOnlyInstance(stateDirectory, self);
  expect(await becomeOnlyInstance(stateDirectory, self)).toEqual({ held: false, other: self });
  first.release();

  const holder = `import { becomeOnlyInstance } from ${JSON.stringify(new URL("./single-instance.mjs", import.meta.url).href)};
    await becomeOnlyInstance(${JSON.stringify(stateDirectory)}, { state: "running" });
    setInterval(() => {}, 1000); console.log("held");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", holder], { cwd: process.cwd() });
  await once(child.stdout, "data");
  expect(await becomeOnlyInstance(stateDirectory, self)).toMatchObject({ held: false });
  child.kill("SIGKILL");
  await once(child, "exit");
  const next = await becomeOnlyInstance(stateDirectory, self);
  expect(next.held).toBe(true);
  next.release();
});

test("the first start makes the folder that it claims", async () => {
  const fresh = path.join(stateDirectory, "not", "there");
  const first = await becomeOnlyInstance(fresh, { pid: 1, url: "", state: "running" });
  expect(first.held).toBe(true);
  first.release();
});

test("a start that comes while the earlier one stops waits for it", async () => {
  const leaving = { pid: 1, url: "", state: "stopping" };
  const first = await becomeOnlyInstance(stateDirectory, leaving);
  const waiting = becomeOnlyInstance(stateDirectory, { pid: 2, url: "", state: "running" });
  first.release();
  const second = await waiting;
  expect(second.held).toBe(true);
  second.release();
});

test("the summary shows addresses, sign-ins, and a curl with the key", () => {
  const demo = {
    portal: [
      { email: "ann@example.com", password: "portal-pass", customer: "Acme (demo)", externalCustomerId: "acme" },
    ],
    admin: [{ email: "sam@example.com", password: "admin-pass" }],
  };
  writeFileSync(
    path.join(stateDirectory, "instance.json"),
    JSON.stringify({ url: "http://localhost:4401", apiKey: "ml_key", demo }),
  );
  const text = summary(stateDirectory, 4401);
  for (const part of [
    "http://localhost:4401/portal/",
    "http://localhost:4401/admin/",
    "http://localhost:4401/graphql",
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toContain("ann@example.com  portal-pass  Acme (demo)");
  expect(text).toContain("Authorization: Bearer ml_key");
  expect(text).toContain('"externalCustomerId":"acme"');
});
