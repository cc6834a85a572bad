import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { CatalogResolver, CatalogService, Meters } from "../modules/catalog/index.ts";
import { AuditLog } from "../platform/audit/index.ts";
import type { Viewer } from "../platform/auth/index.ts";
import { FrozenClock } from "../platform/clock.ts";
import { openTestDatabase } from "../platform/database/database.testing.ts";
import { buildApiSchema } from "../platform/graphql/schema.ts";
import { startGraphqlServer } from "../platform/graphql/server.ts";
import { createLogger } from "../platform/observability/index.ts";
import { type CatalogRequest, runCatalogCommand, type Terminal } from "./catalog-command.ts";

// The command against the real schema and database; only HTTP is cut down to what a client sees of it.
const folder = mkdtempSync(join(tmpdir(), "meterline-catalog-"));
const file = join(folder, "catalog.yaml");
const closing: (() => unknown)[] = [];
let server: Server;
let url: string;
let out: string[];
let errors: string[];
let asked: string[];

const keys = new Map<string, Viewer>([
  ["Bearer ml_catalog", { kind: "API_KEY", keyId: "k1", name: "CI", scopes: new Set(["catalog:write"] as const) }],
  ["Bearer ml_usage", { kind: "API_KEY", keyId: "k2", name: "Usage", scopes: new Set(["usage:write"] as const) }],
]);

beforeAll(async () => {
  const { database, close } = await openTestDatabase();
  const clock = new FrozenClock(Date.parse("2026-11-23T09:00:00Z"));
  const meters = new Meters(database);
  const catalog = new CatalogService({ database, clock, audit: new AuditLog(clock), meters });
  const schema = buildApiSchema(
    [CatalogResolver],
    new Map([[CatalogResolver, new CatalogResolver({ catalog, meters })]]),
  );
  const graphql = await startGraphqlServer(schema, createLogger("silent"));
  server = createServer(async (request, response) => {
    const contextValue = { viewer: keys.get(request.headers.authorization ?? "") ?? null, requestId: "r1" };
    const answer = await graphql.executeOperation((await json(request)) as { query: string }, { contextValue });
    response.end(JSON.stringify(answer.body.kind === "single" ? answer.body.singleResult : null));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closing.push(
    () => server.close(),
    () => graphql.stop(),
    close,
    () => rmSync(folder, { recursive: true }),
  );
});
afterAll(async () => {
  for (const close of closing) await close();
});
beforeEach(() => {
  out = [];
  errors = [];
  asked = [];
});

const catalog = (fee: string, model = "PER_UNIT") => `meters:
  - { key: calls, name: Calls, unit: calls, aggregation: SUM }
plans:
  - key: pro
    name: Pro
    currency: USD
    baseAmount: ${fee}
    interval: MONTH
    intervalCount: 1
    rateCards:
      - { meterKey: calls, model: ${model}, unitPrice: "0.1" }
`;

function run(
  request: Partial<CatalogRequest>,
  content: string,
  at: { apiKey?: string; answer?: boolean | null; url?: string } = {},
) {
  writeFileSync(file, content);
  const terminal: Terminal = {
    out: (text) => out.push(text),
    error: (text) => errors.push(text),
    paint: (_, text) => text,
    ask: at.answer === null ? null : async (question) => asked.push(question) > 0 && (at.answer ?? true),
  };
  const connection = { url: at.url ?? url, apiKey: at.apiKey ?? "ml_catalog" };
  return runCatalogCommand({ command: "plan", file, json: false, yes: false, ...request }, connection, terminal);
}

test("plan shows, apply asks and applies, and applied again there is nothing to do", async () => {
  expect(await run({}, catalog('"9"'))).toBe(0);
  expect(out.join("\n")).toBe(
    [
      "+ meters.calls  new meter: SUM of calls",
      "+ plans.pro     new plan: 9 USD a period, and calls",
      "",
      `2 to add, 0 to change at ${url}.`,
    ].join("\n"),
  );
  expect(await run({ command: "apply" }, catalog('"9"'), { answer: false })).toBe(0);
  expect(out.at(-1)).toBe("Nothing was applied.");
  expect(await run({ command: "apply" }, catalog('"9"'))).toBe(0);
  expect([asked, out.at(-1)]).toEqual([["Apply?", "Apply?"], "Applied."]);
  expect(await run({ command: "apply" }, catalog('"9"'))).toBe(0);
  expect(out.at(-1)).toBe(`Nothing to do: ${url} holds what the file says.`);
  expect(asked).toHaveLength(2);
});

test("--json is one document for programs", async () => {
  expect(await run({ command: "apply", json: true, yes: true }, catalog('"10"'))).toBe(0);
  expect(JSON.parse(out.join("\n"))).toMatchObject({ applied: true, changes: [{ kind: "CHANGE", path: "plans.pro" }] });
  out = [];
  expect(await run({ command: "apply", json: true, yes: true }, catalog('"10"'))).toBe(0);
  expect(JSON.parse(out.join("\n"))).toMatchObject({ applied: false, changes: [] });
  expect(errors).toEqual([]);
});

test("where nobody can be asked, nothing is applied without --yes", async () => {
  expect(await run({ command: "apply" }, catalog('"11"'), { answer: null })).toBe(2);
  expect(errors).toEqual([expect.stringContaining("--yes")]);
});

test("faults come with line and path, all at once, and the exit code 2", async () => {
  expect(await run({}, catalog("9", "FREE"))).toBe(2);
  expect(errors).toEqual([
    expect.stringMatching(/catalog\.yaml:7 {2}plans\[0\]\.baseAmount must be a decimal in quotes/),
    expect.stringMatching(/catalog\.yaml:11 {2}plans\[0\]\.rateCards\[0\]\.model must be one of/),
    "2 faults; nothing was applied.",
  ]);
  expect(await run({ json: true }, "meters: [")).toBe(2);
  expect(JSON.parse(out.join(""))).toMatchObject({ applied: false, faults: [{ line: expect.any(Number) }] });
});

test("a key without the scope, an unknown key and a silent address are 1, with what to do", async () => {
  expect(await run({}, catalog('"9"'), { apiKey: "ml_usage" })).toBe(1);
  expect(await run({}, catalog('"9"'), { apiKey: "ml_wrong" })).toBe(1);
  expect(await run({}, catalog('"9"'), { url: "http://127.0.0.1:9" })).toBe(1);
  expect(errors).toEqual([
    expect.stringContaining("catalog:write"),
    expect.stringContaining("API key"),
    expect.stringMatching(/Cannot reach Meterline at http:\/\/127\.0\.0\.1:9/),
  ]);
});

test("control characters of a name do not reach the terminal", async () => {
  expect(await run({}, catalog('"9"').replace("name: Pro", 'name: "P\\e[2Jro"'))).toBe(0);
  expect(out.join("\n")).toContain("P�[2Jro");
  expect(out.join("\n")).not.toContain("\u001b");
});
