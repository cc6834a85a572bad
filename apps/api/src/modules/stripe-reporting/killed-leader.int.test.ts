import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ReportingBench, startReporting } from "./reporting.testing.ts";

const api = resolve(import.meta.dirname, "../../..");
const count = 160;
let bench: ReportingBench;
let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  bench = await startReporting();
  // Bundled as in production, since Node does not run decorators from source; beside the packages that it needs.
  folder = await mkdtemp(join(api, "node_modules/.reporting-test-"));
  const configFile = pathToFileURL(join(api, "rolldown.config.mjs")).href;
  const { default: config } = (await import(configFile)) as { default: Record<string, object> };
  const { output, ...input } = config;
  const bundle = await rolldown({ ...input, cwd: api, input: join(api, "src/testing/reporting-process.ts") });
  await bundle.write({ ...output, dir: folder, cleanDir: false });
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

const tally = async () => {
  const rows = await bench.system.container.database.query<{ state: string; count: number }>(
    "SELECT state, count(*)::integer AS count FROM meter_report GROUP BY 1",
  );
  return new Map(rows.map((row) => [row.state, row.count]));
};

function startLeader(): ChildProcess {
  const child = fork(join(folder, "reporting-process.js"), [String(bench.system.clock.now())], {
    env: {
      ...process.env,
      DATABASE_URL: bench.system.databaseUrl,
      STATE_DIR: folder,
      LOG_LEVEL: "error",
      STRIPE_API_KEY: "sk_test_meterline",
      STRIPE_API_URL: bench.sandbox.url,
      REPORTS_IN_MEMORY: "100",
      REPORT_CALLS_AT_ONCE: "5",
    },
  });
  children.push(child);
  return child;
}

test("kill -9 of the leader, three times: the next one leads at once, and every report is counted once", async () => {
  const customers = [];
  for (let number = 0; number < count / 4; number += 1) {
    const customer = await bench.linkedCustomer();
    customers.push(customer);
    for (let turn = 0; turn < 4; turn += 1) {
      await bench.use(customer.customerId, "1");
      await bench.reporting.flushPeriod(customer.customerId, Date.parse("2026-03-01T00:00:00Z"));
    }
  }
  expect((await tally()).get("PENDING")).toBe(count);
  bench.sandbox.faults.add({ effect: { kind: "delay", delayMs: 30 }, path: "/v1/", method: null, rate: 1, left: null });
  let accepted = 0;
  for (let kill = 0; kill < 3; kill += 1) {
    const leader = startLeader();
    const more = accepted + 15;
    const isUnderWay = async () => {
      const states = await tally();
      return (states.get("ACCEPTED") ?? 0) >= more && (states.get("SENDING") ?? 0) > 0;
    };
    await expect.poll(isUnderWay, { timeout: 30_000, interval: 10 }).toBe(true);
    leader.kill("SIGKILL");
    await once(leader, "exit");
    accepted = (await tally()).get("ACCEPTED") ?? 0;
    expect(accepted).toBeLessThan(count);
  }
  bench.sandbox.faults.clear();
  startLeader();
  await expect.poll(async () => (await tally()).get("ACCEPTED"), { timeout: 30_000 }).toBe(count);
  bench.system.clock.advance(60_000);
  for (const customer of customers) expect(await bench.counted(customer)).toBe("4");
});
