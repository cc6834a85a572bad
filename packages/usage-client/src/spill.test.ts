import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { UsageClientOptions } from "./client-options.ts";
import type { ClientProblem } from "./hooks.ts";
import { SpillDirectoryLockedError } from "./spill-lock.ts";
import { LedgerServer } from "./testing/ledger-server.ts";
import { UsageClient } from "./usage-client.ts";

const FAST = { maxAgeMs: 1, spillAfterMs: 5, initialBackoffMs: 1, maxBackoffMs: 5, requestTimeoutMs: 1_000 } as const;

// Real sockets and processes on a busy machine; nothing here waits for a fixed time.
vi.setConfig({ testTimeout: 60_000 });

let server: LedgerServer;
let spillDirectory: string;
const clients: UsageClient[] = [];
const problems: ClientProblem[] = [];

beforeEach(async () => {
  server = new LedgerServer();
  await server.start();
  spillDirectory = join(mkdtempSync(join(tmpdir(), "usage-client-")), "spill");
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ timeoutMs: 0 })));
  await server.stop();
  problems.length = 0;
  rmSync(join(spillDirectory, ".."), { recursive: true, force: true });
});

function clientOf(options: Partial<UsageClientOptions> = {}): UsageClient {
  const hooks = { onProblem: (problem: ClientProblem) => problems.push(problem), onRefused: () => {} };
  const client = new UsageClient({ url: server.url, apiKey: "ml_test", spillDirectory, ...FAST, hooks, ...options });
  clients.push(client);
  return client;
}

const usage = (number: number) => ({
  externalCustomerId: "acme",
  meterKey: "api_requests",
  quantity: String(number),
  idempotencyKey: `event-${number}`,
});
const segments = () => readdirSync(spillDirectory).filter((name) => name.endsWith(".ndjson"));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

describe("spill", () => {
  test("events of an outage go to disk and arrive in their order when it is over", async () => {
    await server.stop();
    let retries = 0;
    const client = clientOf({ batchSize: 10, hooks: { onRetry: () => (retries += 1) } });
    const first = await client.recordAndWait(usage(1));
    expect(first).toEqual({ outcome: "SPILLED" });
    for (let number = 2; number <= 200; number += 1) {
      expect(client.record(usage(number))).toMatchObject({ accepted: true, held: "SPILLED" });
    }
    expect(client.buffered).toBe(0);
    // The outage goes on for a while.
    const retriesBefore = retries;
    await vi.waitUntil(() => retries > retriesBefore + 10, { timeout: 30_000 });
    await server.start();
    await client.drained();
    expect(server.quantities).toEqual(upTo(200));
    expect(segments()).toEqual([]);
    expect(await client.recordAndWait(usage(201))).toEqual({ outcome: "RECORDED" });
  });

  test("what one process left, the next one delivers; a lost reply makes nothing twice", async () => {
    await server.stop();
    const before = clientOf();
    await Promise.all([1, 2, 3].map((number) => before.recordAndWait(usage(number))));
    await before.close();
    expect(segments().length).toBeGreaterThan(0);
    server.options = { faultOf: ({ number }) => (number === 1 ? "DROP_AFTER" : "NONE") };
    await server.start();
    await clientOf().drained();
    expect(server.quantities.sort()).toEqual(upTo(3));
    expect(segments()).toEqual([]);
  });

  test("close keeps on disk what the API has not answered", async () => {
    await server.stop();
    const client = clientOf({ maxAgeMs: 3_600_000 });
    for (let number = 1; number <= 5; number += 1) client.record(usage(number));
    await client.close();
    expect(problems).toEqual([]);
    await server.start();
    await clientOf().drained();
    expect(server.quantities).toEqual(upTo(5));
  });

  test("the disk is bounded: past it events wait in memory, past that they are refused", async () => {
    await server.stop();
    const client = clientOf({ maxSpillBytes: 65_536, maxBuffered: 50, batchSize: 10 });
    await client.recordAndWait(usage(1));
    let accepted = 1;
    for (let number = 2; client.record(usage(number)).accepted; number += 1) accepted = number;
    expect(client.spilledBytes).toBeLessThanOrEqual(65_536);
    expect(client.buffered).toBe(50);
    await server.start();
    await client.ready();
    await client.drained();
    await client.flush();
    await client.drained();
    expect(server.quantities.sort((one, other) => Number(one) - Number(other))).toEqual(upTo(accepted));
  });

  test("a wrong key loses nothing: events wait on disk, and someone is told", async () => {
    server.options = { faultOf: () => "UNAUTHENTICATED" };
    const client = clientOf();
    expect(await client.recordAndWait(usage(1))).toEqual({ outcome: "SPILLED" });
    await vi.waitUntil(() => problems.some((problem) => problem.code === "HALTED"), { timeout: 30_000 });
    await client.close();
    server.options = {};
    await clientOf().drained();
    expect(server.quantities).toEqual(["1"]);
  });

  test("a rejected event from disk is told by the hook, and does not come back", async () => {
    await server.stop();
    const undelivered: string[] = [];
    const client = clientOf({ hooks: { onUndelivered: ({ usage }) => undelivered.push(usage.idempotencyKey) } });
    await client.recordAndWait({ ...usage(1), meterKey: "no_such_meter" });
    await server.start();
    await client.drained();
    expect(undelivered).toEqual(["event-1"]);
    expect(segments()).toEqual([]);
  });
});

describe("damage", () => {
  test("a last line torn by a crash is passed over, the others are delivered", async () => {
    await server.stop();
    const before = clientOf();
    await Promise.all([1, 2].map((number) => before.recordAndWait(usage(number))));
    await before.close();
    const [segment = ""] = segments();
    appendFileSync(join(spillDirectory, segment), 'deadbeef {"meterKey":"api_req');
    await server.start();
    await clientOf().drained();
    expect(server.quantities).toEqual(upTo(2));
    expect(problems).toMatchObject([{ code: "SPILL_DAMAGED" }]);
  });

  test("a changed line is not sent, and its file is kept for a person", async () => {
    await server.stop();
    const before = clientOf();
    await Promise.all([1, 2].map((number) => before.recordAndWait(usage(number))));
    await before.close();
    const [segment = ""] = segments();
    const path = join(spillDirectory, segment);
    writeFileSync(path, readFileSync(path, "utf8").replace('"quantity":"1"', '"quantity":"9"'));
    await server.start();
    await clientOf().drained();
    expect(server.quantities).toEqual(["2"]);
    expect(readdirSync(spillDirectory)).toContain(`${segment}.damaged`);
  });
});

describe("one process per directory", () => {
  test("a second client on the directory is refused until the first closes", async () => {
    const first = clientOf();
    expect(() => clientOf()).toThrow(SpillDirectoryLockedError);
    await first.close();
    expect(await clientOf().recordAndWait(usage(1))).toEqual({ outcome: "RECORDED" });
  });

  test("the lock of a process that is gone is taken over", async () => {
    mkdirSync(spillDirectory, { recursive: true });
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    const { hostname } = await import("node:os");
    const holder = { token: "t", host: hostname(), pid: gone.pid, processStart: "x:1" };
    writeFileSync(join(spillDirectory, "lock"), JSON.stringify(holder));
    expect(await clientOf().recordAndWait(usage(1))).toEqual({ outcome: "RECORDED" });
  });
});

test("a client whose directory was taken goes on from memory, and sends nothing that is now another's", async () => {
  // Waits end after 10 ms at most, so that the next sign of life is due at once.
  const schedule = (delayMs: number, task: () => void) => {
    const timer = setTimeout(task, Math.min(delayMs, 10));
    return () => clearTimeout(timer);
  };
  await server.stop();
  const client = clientOf({ clock: { now: () => Date.now(), random: Math.random, schedule } });
  expect(await client.recordAndWait(usage(1))).toEqual({ outcome: "SPILLED" });
  writeFileSync(join(spillDirectory, "lock"), "another process");
  await vi.waitUntil(() => problems.some((problem) => problem.code === "SPILL_LOCK_LOST"), { timeout: 30_000 });
  await server.start();
  expect(await client.recordAndWait(usage(2))).toEqual({ outcome: "RECORDED" });
  expect(server.quantities).toEqual(["2"]);
});

describe("kill -9", () => {
  test("every event that was said to be safe arrives once, though the process was killed in the middle", async () => {
    const program = fileURLToPath(new URL("./testing/record-until-killed.ts", import.meta.url));
    const startChild = async (safeEvents: number) => {
      const child = spawn(process.execPath, [program, server.url, spillDirectory], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let safe = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        safe = Number(line);
        if (safe >= safeEvents) break;
      }
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
      return safe;
    };
    await server.stop();
    const safe = await startChild(120);
    await server.start();
    const safeAgain = await startChild(300);
    await clientOf().drained();
    const numbers = [...server.ledger.values()].map((event) => Number(event.idempotencyKey.slice("event-".length)));
    expect(new Set(numbers).size).toBe(numbers.length);
    for (let number = 1; number <= Math.max(safe, safeAgain); number += 1) expect(numbers).toContain(number);
  });
});
