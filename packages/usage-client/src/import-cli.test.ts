import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LedgerServer } from "./testing/ledger-server.ts";

const PROGRAM = fileURLToPath(new URL("./import-cli.ts", import.meta.url));
const MAPPING = "--meter api_requests --customer customer --quantity requests --time at --key customer,at".split(" ");
const DAY_MS = 86_400_000;

let server: LedgerServer;
let directory: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  server = new LedgerServer();
  await server.start();
  directory = mkdtempSync(join(tmpdir(), "import-cli-"));
  mkdirSync(join(directory, ".meterline"));
  writeFileSync(join(directory, ".meterline", "instance.json"), JSON.stringify({ url: server.url, apiKey: "ml_test" }));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await server.stop();
  rmSync(directory, { recursive: true });
});

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: directory,
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const printed = { out: "", error: "" };
  child.stdout.on("data", (chunk: Buffer) => (printed.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (printed.error += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...printed }));
  return { child, ended };
}

async function importJson(args: readonly string[]) {
  const { code, out, error } = await start([...args, "--json"]).ended;
  return { code, error, summary: JSON.parse(out) as Record<string, unknown> };
}

/** One event a minute, ending an hour ago; quantities 1, 2, 3 … of three customers. */
function writeRows(name: string, count: number): string {
  const last = Date.now() - 3_600_000;
  const rows = Array.from({ length: count }, (_, index) => {
    const at = new Date(last - (count - 1 - index) * 60_000).toISOString();
    return `${at},acme-${index % 3},m-${index % 2},${index + 1}\n`;
  });
  const content = `at,customer,model,requests\n${rows.join("")}`;
  writeFileSync(join(directory, name), name.endsWith(".gz") ? gzipSync(content) : content);
  return name;
}

describe("npm run import", { timeout: 60_000 }, () => {
  test("records every row, exactly; again it records nothing", async () => {
    const file = writeRows("rows.csv.gz", 2_000);
    const first = await importJson([file, ...MAPPING, "--property", "model"]);
    expect(first).toMatchObject({
      code: 0,
      // 1 + 2 + … + 2,000
      summary: { rows: 2_000, recorded: 2_000, duplicates: 0, totalQuantity: "2001000", recordedQuantity: "2001000" },
    });
    const second = await importJson([file, ...MAPPING, "--property", "model"]);
    expect(second).toMatchObject({
      code: 0,
      summary: { rows: 2_000, recorded: 0, duplicates: 2_000, totalQuantity: "2001000", recordedQuantity: "0" },
    });
    expect([...server.ledger.values()][0]).toMatchObject({ customer: "acme-0", properties: { model: "m-0" } });
  });

  test("refused rows are counted by reason and kept with their lines", async () => {
    const recent = new Date(Date.now() - DAY_MS).toISOString();
    const old = new Date(Date.now() - 36 * DAY_MS).toISOString();
    writeFileSync(
      join(directory, "mess.csv"),
      `at,customer,requests\n${recent},acme,1\n${recent},"a, b",x\n${old},acme,1\n${recent},acme,2\n${recent}\n`,
    );
    const { code, summary } = await importJson(["mess.csv", ...MAPPING]);
    expect(code).toBe(1);
    expect(summary).toMatchObject({
      rows: 5,
      recorded: 1,
      refused: 4,
      refusedByCode: { INVALID_QUANTITY: 1, TIMESTAMP_TOO_OLD: 1, IDEMPOTENCY_CONFLICT: 1, WRONG_COLUMN_COUNT: 1 },
    });
    const rejects = readFileSync(join(directory, "mess.rejects.csv"), "utf8").split("\n");
    expect(rejects[0]).toBe("line,code,message,at,customer,requests");
    expect(rejects.find((line) => line.startsWith("3,INVALID_QUANTITY"))).toContain(`,${recent},"a, b",x`);
    expect(rejects.find((line) => line.startsWith("4,TIMESTAMP_TOO_OLD"))).toContain("--backfill");
  });

  test("killed with -9 in the middle and run again: the same totals", async () => {
    const file = writeRows("rows.csv", 6_000);
    let answered = 0;
    // The first run gets no further than its fourth request.
    server.options = {
      faultOf: ({ operation }) => (operation === "RecordUsage" && ++answered > 4 ? "HANG_AFTER" : "NONE"),
    };
    const { child, ended } = start([file, ...MAPPING]);
    await vi.waitUntil(() => answered > 6, { timeout: 30_000 });
    child.kill("SIGKILL");
    await ended;
    expect(server.ledger.size).toBeGreaterThan(0);
    expect(server.ledger.size).toBeLessThan(6_000);
    server.options = {};
    const { summary } = await importJson([file, ...MAPPING]);
    expect(summary).toMatchObject({ rows: 6_000, refused: 0, totalQuantity: "18003000" });
    expect(Number(summary["recorded"]) + Number(summary["duplicates"])).toBe(6_000);
    expect(server.quantities.reduce((sum, quantity) => sum + BigInt(quantity), 0n)).toBe(18_003_000n);
  });

  test("an API that goes away and comes back is waited for", async () => {
    const file = writeRows("rows.csv", 3_000);
    let batches = 0;
    server.options = {
      faultOf: ({ operation }) => (operation === "RecordUsage" && ++batches === 3 ? "DROP_AFTER" : "NONE"),
    };
    const { ended } = start([file, ...MAPPING, "--json"]);
    await vi.waitUntil(() => batches >= 3, { timeout: 30_000 });
    await server.stop();
    await server.start();
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ rows: 3_000, totalQuantity: "4501500", refused: 0 });
    expect(server.ledger.size).toBe(3_000);
  });

  test("an API that stays away ends the import with 2, saying that it can be continued", async () => {
    server.options = { faultOf: ({ operation }) => (operation === "RecordUsage" ? "UNAVAILABLE" : "NONE") };
    const { code, summary } = await importJson([writeRows("rows.csv", 10), ...MAPPING, "--wait", "0"]);
    expect(code).toBe(2);
    expect(summary).toMatchObject({ complete: false, error: { code: "API_AWAY" }, recorded: 0, refused: 0 });
    expect(String((summary["error"] as { message: string }).message)).toMatch(/Run the same command again/);
  });

  test("customers are created and put on the plan before their first event, once", async () => {
    server.options = { knowsOnlyCreated: true };
    const file = writeRows("rows.csv", 300);
    const args = [file, ...MAPPING, "--create-customers", "starter", "--subscribe-from", "2025-01-01"];
    expect(await importJson(args)).toMatchObject({ code: 0, summary: { recorded: 300, customersPrepared: 3 } });
    const content = '{"externalId":"acme-0","name":"acme-0","currency":"EUR"}';
    const plan = '{"externalCustomerId":"acme-0","planKey":"starter","startsAt":"2025-01-01T00:00:00.000Z"}';
    expect(server.customers.get("acme-0")).toEqual({ content, plan });
    expect(await importJson(args)).toMatchObject({ code: 0, summary: { recorded: 0, duplicates: 300 } });
  });

  test("customers who exist under another name, on another plan, stay as they are", async () => {
    server.options = { knowsOnlyCreated: true };
    server.customers.set("acme-0", { content: "Acme Ltd", plan: "enterprise" });
    const { summary } = await importJson([writeRows("rows.csv", 30), ...MAPPING, "--create-customers", "starter"]);
    expect(summary).toMatchObject({ recorded: 30, customersPrepared: 3, customersWithOtherPlan: 1 });
    expect(server.customers.get("acme-0")).toEqual({ content: "Acme Ltd", plan: "enterprise" });
  });

  test("--shift-to now ends the file today; run again days later it keeps the first run's dates", async () => {
    const file = "old.csv";
    const rows = ["2025-01-07T00:00:00Z,acme,1", "2025-01-08T00:00:00Z,acme,2"];
    writeFileSync(join(directory, file), `at,customer,requests\n${rows.join("\n")}\n`);
    const { summary } = await importJson([file, ...MAPPING, "--shift-to", "now"]);
    expect(summary).toMatchObject({ recorded: 2, totalQuantity: "3" });
    const lastAt = Date.parse(String(summary["lastAt"]));
    expect(Date.now() - lastAt).toBeGreaterThanOrEqual(0);
    expect(Date.now() - lastAt).toBeLessThan(DAY_MS);
    expect(new Date(lastAt).toISOString().slice(11)).toBe("00:00:00.000Z");
    expect([...server.ledger.keys()]).toEqual(rows.map((row) => `acme\nacme|${row.slice(0, 20)}`));
    // As if that run had been three days ago.
    for (const [id, event] of server.ledger) {
      server.ledger.set(id, {
        ...event,
        occurredAt: new Date(Date.parse(event.occurredAt) - 3 * DAY_MS).toISOString(),
      });
    }
    const again = await importJson([file, ...MAPPING, "--shift-to", "now"]);
    expect(again).toMatchObject({ code: 0, summary: { recorded: 0, duplicates: 2 } });
    expect(again.summary["shiftDays"]).toBe(Number(summary["shiftDays"]) - 3);
  });

  test("a dry run needs no API and counts rows that repeat others", async () => {
    await server.stop();
    rmSync(join(directory, ".meterline"), { recursive: true });
    const at = new Date(Date.now() - DAY_MS).toISOString();
    writeFileSync(join(directory, "a.csv"), `at,customer,requests\n${`${at},acme,0.1\n`.repeat(3)}`);
    const { code, summary } = await importJson(["a.csv", ...MAPPING, "--dry-run"]);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ dryRun: true, rows: 3, accepted: 3, repeatedRows: 2, totalQuantity: "0.3" });
    expect(existsSync(join(directory, "a.rejects.csv"))).toBe(false);
  });

  test("--repeated-rows count: equal rows are events of their own, also when run again", async () => {
    const at = new Date(Date.now() - DAY_MS).toISOString();
    writeFileSync(join(directory, "a.csv"), `at,customer,requests\n${`${at},acme,2\n`.repeat(5)}`);
    const args = ["a.csv", ...MAPPING, "--repeated-rows", "count"];
    expect(await importJson(args)).toMatchObject({ code: 0, summary: { recorded: 5, recordedQuantity: "10" } });
    expect(await importJson(args)).toMatchObject({ code: 0, summary: { duplicates: 5, totalQuantity: "10" } });
  });

  test.each<[string, string, readonly string[]]>([
    [
      "MISSING_COLUMN",
      'no column "reqs". Its header is: at, customer, model, requests',
      [...MAPPING, "--quantity", "reqs"],
    ],
    ["UNKNOWN_METER", "There are: api_requests, units_ordered", [...MAPPING, "--meter", "nope"]],
    ["UNKNOWN_PLAN", "There are: starter", [...MAPPING, "--create-customers", "nope"]],
    ["UNKNOWN_TIME_ZONE", "Europe/Nowhere", [...MAPPING, "--time-zone", "Europe/Nowhere"]],
    ["USAGE", "--meter", ["--customer", "customer"]],
    ["USAGE", "must begin with http", [...MAPPING, "--url", "localhost:4400"]],
    ["USAGE", "unknown option", [...MAPPING, "--nope"]],
    ["USAGE", "date", [...MAPPING, "--create-customers", "starter", "--subscribe-from", "soon"]],
  ])("%s ends with 2 before anything is sent: %s", async (errorCode, words, args) => {
    const { code, summary, error } = await importJson([writeRows("rows.csv", 3), ...args]);
    expect(code).toBe(2);
    const told = summary["error"] as { code: string; message: string };
    expect(told.code).toBe(errorCode);
    expect(told.message).toContain(words);
    expect(error).toContain(words);
    expect(server.ledger.size).toBe(0);
  });

  test("--backfill with a key that lacks the scope says so before the first row", async () => {
    server.options = { scopes: ["USAGE_WRITE"] };
    const { code, summary } = await importJson([writeRows("rows.csv", 3), ...MAPPING, "--backfill"]);
    expect(code).toBe(2);
    expect(summary).toMatchObject({ error: { code: "MISSING_SCOPE" } });
    expect(String((summary["error"] as { message: string }).message)).toContain("usage:backfill");
  });

  test("a wrong key is told once", async () => {
    server.options = { faultOf: () => "UNAUTHENTICATED" };
    const { code, summary } = await importJson([writeRows("rows.csv", 3), ...MAPPING]);
    expect(code).toBe(2);
    expect(summary).toMatchObject({ error: { code: "UNAUTHENTICATED" } });
    expect(server.requests).toBe(1);
  });

  test("the summary for people goes to stdout, progress to stderr", async () => {
    const { code, out } = await start([writeRows("rows.csv", 50), ...MAPPING]).ended;
    expect(code).toBe(0);
    expect(out).toMatch(/Recorded +50\n/);
    expect(out).toMatch(/Total quantity +1,275 \(of the 50 accepted rows\)/);
  });
});
