import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const oxlint = path.join(here, "../../node_modules/.bin/oxlint");
const folder = mkdtempSync(path.join(tmpdir(), "meterline-lint-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The rule that a folder of samples is for, with its options. */
const RULES = {
  "clock-in-one-place": "error",
  "environment-in-one-place": "error",
  "explicit-decorator-types": "error",
  "no-default-export": "error",
  "no-float-money": "error",
  "no-float-money-everywhere": ["error", { everywhere: true }],
  "stripe-in-one-place": "error",
};

/** The lines that the linter reports in a file, one entry a fault. */
function reportedLines(file, rule, setting) {
  const config = path.join(folder, `${rule}.json`);
  const rules = { [`meterline/${rule.replace("-everywhere", "")}`]: setting };
  const plugin = { jsPlugins: [path.join(here, "index.mjs")], categories: { correctness: "off" }, rules };
  writeFileSync(config, JSON.stringify(plugin));
  const { stdout, stderr } = spawnSync(oxlint, ["--config", config, "--no-ignore", "--format=json", file], {
    encoding: "utf8",
  });
  const { diagnostics } = JSON.parse(stdout || stderr);
  return diagnostics.map((one) => one.labels[0].span.line).toSorted((a, b) => a - b);
}

/** The lines that the sample marks: `// fault`, once for each. */
function markedLines(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => [...(line.split("//")[1] ?? "").matchAll(/fault/g)].map(() => index + 1));
}

for (const [rule, setting] of Object.entries(RULES)) {
  const samples = path.join(here, "samples", rule);
  for (const name of readdirSync(samples)) {
    test(`${rule}: ${name} has exactly the faults that it marks`, () => {
      const file = path.join(samples, name);
      const marked = markedLines(file);
      expect(marked.length > 0).toBe(name.startsWith("bad"));
      expect(reportedLines(file, rule, setting)).toEqual(marked);
    });
  }
}
