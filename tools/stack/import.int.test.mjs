import { spawn } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inRepository } from "../bootstrap/places.mjs";
import { freePort } from "../postgres/ports.mjs";
import { query as queryAt } from "../postgres/query.mjs";
import { waitUntil } from "../../packages/testkit/src/wait-until.ts";
import { databaseCredentials } from "./credentials.mjs";
import { Stack } from "./stack.mjs";

/** Real usage that lies beside a checkout; where it is not, usage of the same shape is made. */
const realUsage = inRepository("..", "shared", "data", "llm-api-requests-10min.csv.gz");
const ROWS = 30_000;

let folder;
let file;
let expected;
let stack;
let databasePort;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "meterline-import-"));
  file = path.join(folder, "usage.csv");
  const lines = existsSync(realUsage) ? await firstRows() : madeRows();
  if (!existsSync(realUsage)) console.log(`${realUsage} is not there: importing made-up usage of the same shape`);
  expected = lines.reduce((sum, line) => sum + BigInt(line.split(",")[3]), 0n).toString();
  await writeFile(file, `window_start,customer_id,model,requests\n${lines.join("\n")}\n`);
  databasePort = await freePort();
  stack = new Stack({
    stateDirectory: folder,
    port: await freePort(),
    databasePort,
    env: { SEED_DEMO: "true" },
    say: () => {},
    giveUp: () => {},
  });
  await stack.startDatabase();
  await stack.startApi();
}, 120_000);

afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function firstRows() {
  const lines = [];
  for await (const line of createInterface({ input: createReadStream(realUsage).pipe(createGunzip()) })) {
    lines.push(line);
    if (lines.length > ROWS) break;
  }
  return lines.slice(1);
}

function madeRows() {
  return Array.from({ length: ROWS }, (_, row) => {
    const at = new Date(Date.UTC(2025, 0, 7) + Math.floor(row / 100) * 600_000).toISOString();
    return `${at},made-${row % 100},m-${row % 2},${(row * 7_919) % 100_000}`;
  });
}

/** Runs the import as `npm run import -- … --json` does; `onStart` is told its process. */
function runImport(onStart = () => {}) {
  const { url, apiKey } = JSON.parse(readFileSync(path.join(folder, "instance.json"), "utf8"));
  const columns = ["--customer", "customer_id", "--quantity", "requests", "--time", "window_start"];
  const keys = ["--key", "customer_id,window_start", "--property", "model"];
  const customers = ["--create-customers", "starter", "--subscribe-from", "2025-01-01T00:00:00Z", "--backfill"];
  const program = inRepository("packages", "usage-client", "dist", "import-cli.js");
  const child = spawn(
    process.execPath,
    [program, file, "--meter", "api_requests", ...columns, ...keys, ...customers, "--json"],
    {
      env: { ...process.env, METERLINE_URL: url, METERLINE_API_KEY: apiKey },
    },
  );
  onStart(child);
  let out = "";
  let said = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal) resolve({ signal });
      else if (out.trim() === "") reject(new Error(`the import ended with code ${code}:\n${said}`));
      else resolve({ code, ...JSON.parse(out) });
    });
  });
}

async function stored() {
  const { ownerPassword } = databaseCredentials(folder);
  const url = `postgresql://meterline:${ownerPassword}@127.0.0.1:${databasePort}/meterline`;
  const [row] = await queryAt(
    url,
    `SELECT (SELECT count(*) FROM usage_event e JOIN customer c ON c.id = e.customer_id WHERE c.external_id NOT LIKE 'demo-%')::int AS events,
       (SELECT sum(quantity_sum)::text FROM usage_rollup r JOIN customer c ON c.id = r.customer_id
        WHERE c.external_id NOT LIKE 'demo-%' AND r.dimension_key = '') AS rolled_up,
       (SELECT sum(quantity_sum)::text FROM usage_period_total t JOIN customer c ON c.id = t.customer_id
        WHERE c.external_id NOT LIKE 'demo-%' AND t.dimension_key = '') AS billed`,
  );
  return row;
}

test("an import whose API and PostgreSQL are killed in the middle, and which is killed itself, ends with the exact totals", async () => {
  let importer;
  const first = runImport((child) => {
    importer = child;
  });
  await waitUntil(async () => (await stored()).events >= 1_000, 60_000);
  const { api, database } = stack.processIds;
  process.kill(database, "SIGKILL");
  process.kill(api, "SIGKILL");
  importer.kill("SIGKILL");
  expect(await first).toEqual({ signal: "SIGKILL" });
  const second = await runImport();
  // Something was left to do: the kill came in the middle.
  expect(second.recorded).toBeGreaterThan(0);
  expect(second).toMatchObject({ code: 0, rows: ROWS, refused: 0, totalQuantity: expected });
  expect(await stored()).toEqual({ events: ROWS, rolled_up: expected, billed: expected });
}, 180_000);

test("imported again, it records nothing", async () => {
  expect(await runImport()).toMatchObject({ code: 0, recorded: 0, duplicates: ROWS, totalQuantity: expected });
  expect(await stored()).toEqual({ events: ROWS, rolled_up: expected, billed: expected });
}, 180_000);
