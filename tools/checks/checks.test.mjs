import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { variablesListed, variablesRead } from "./environment-example.mjs";
import { contentFaults, nameFaults } from "./files.mjs";
import { readmeFaults } from "./readmes.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "meterline-checks-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("names: kebab-case with roles after dots, and the few that everybody knows", () => {
  const good = [
    "apps/api/src/usage.repository.int.test.ts",
    "README.md",
    "sql/0001_foundation.sql",
    ".ci/run",
    ".env.example",
  ];
  expect(good.flatMap(nameFaults)).toEqual([]);
  expect(nameFaults("apps/Api/src/usageEvent.ts")).toEqual([
    'apps/Api/src/usageEvent.ts: "Api" is not kebab-case',
    'apps/Api/src/usageEvent.ts: "usageEvent.ts" is not kebab-case',
  ]);
});

test("sizes: 400 lines are one file, 401 are two", () => {
  expect(contentFaults("a.ts", "x\n".repeat(400))).toEqual([]);
  expect(contentFaults("a.ts", "x\n".repeat(401))).toEqual(["a.ts: 401 lines; past 400 it is two files"]);
});

test("paths: a folder of one machine is found, an address or a relative path is not", () => {
  const bad = ["home", "Users"].map((place) => `see /${place}/ann/project`);
  expect(bad.flatMap((line) => contentFaults("a.md", line))).toHaveLength(2);
  expect(contentFaults("a.md", "https://example.com/work/1 ./root/x ../home/ann/y")).toEqual([]);
});

test("READMEs: each package and module has one of at most 80 lines", () => {
  const files = ["packages/a/README.md", "packages/b/src/index.ts", "apps/api/src/modules/usage/README.md"];
  for (const [index, file] of files.entries()) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), "x\n".repeat(index === 2 ? 81 : 80));
  }
  expect(readmeFaults(folder, files)).toEqual([
    "packages/b/README.md: missing",
    "apps/api/src/modules/usage/README.md: 81 lines; at most 80",
  ]);
});

test("settings: what the schema reads, and what the example lists", () => {
  const source =
    'export const environmentSchema = z.object({\n  PORT: x,\n  HOST: y.default("A: b"),\n});\nenvironment["METERLINE_URL"]';
  expect(variablesRead(source)).toEqual(["PORT", "HOST", "METERLINE_URL"]);
  expect(variablesListed("# Where it listens.\n# PORT=4400\nHOST=\n")).toEqual(["PORT", "HOST"]);
});
