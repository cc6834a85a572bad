import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const depcruise = path.join(repository, "node_modules/.bin/depcruise");
const config = path.join(repository, "tools/boundaries/dependency-cruiser.mjs");

/** A small copy of the repository's shape, in which each file is one that may exist. */
const ALLOWED = {
  "packages/billing-domain/package.json": JSON.stringify({
    name: "@meterline/billing-domain",
    exports: { ".": { "meterline-source": "./src/index.ts" } },
  }),
  "packages/billing-domain/src/index.ts": 'import Big from "big.js";\nexport const ONE: Big = new Big(1);\n',
  "packages/testkit/src/index.ts": "export const kit = 1;\n",
  "packages/stripe-sandbox/src/index.ts": "export const sandbox = 1;\n",
  "apps/api/src/platform/clock.ts": "export const clock = 1;\n",
  "apps/api/src/modules/customers/index.ts": 'export { customers } from "./customers.ts";\n',
  "apps/api/src/modules/customers/customers.ts":
    'import { clock } from "../../platform/clock.ts";\nexport const customers = clock;\n',
  "apps/api/src/modules/usage/index.ts":
    'import { ONE } from "@meterline/billing-domain";\nimport { customers } from "../customers/index.ts";\nexport const usage = [ONE, customers];\n',
  "apps/portal/src/features/usage/chart.tsx": "export const Chart = () => <p>chart</p>;\n",
  "apps/portal/src/features/bill/bill.tsx": "export const Bill = () => <p>bill</p>;\n",
  "apps/portal/src/pages/home.tsx":
    'import { Bill } from "../features/bill/bill.tsx";\nimport { Chart } from "../features/usage/chart.tsx";\nexport const Home = () => [<Bill />, <Chart />];\n',
};

/** Each import is wrong for the reason named first. */
const FORBIDDEN = [
  ["billing-domain-is-pure", "packages/billing-domain/src/bad.ts", 'import { readFileSync } from "node:fs";'],
  [
    "web-never-imports-the-api",
    "apps/portal/src/pages/bad.tsx",
    'import { clock } from "../../../api/src/platform/clock.ts";',
  ],
  ["apps-are-apart", "apps/admin/src/pages/bad.tsx", 'import { Home } from "../../../portal/src/pages/home.tsx";'],
  [
    "packages-import-no-app",
    "packages/usage-client/src/bad.ts",
    'import { clock } from "../../../apps/api/src/platform/clock.ts";',
  ],
  [
    "production-without-test-parts",
    "apps/api/src/platform/bad.ts",
    'import { kit } from "../../../../packages/testkit/src/index.ts";',
  ],
  [
    "production-without-test-parts",
    "apps/api/src/bad.ts",
    'import type { sandbox } from "../../../packages/stripe-sandbox/src/index.ts";',
  ],
  [
    "platform-below-modules",
    "apps/api/src/platform/bad.ts",
    'import { customers } from "../modules/customers/index.ts";',
  ],
  ["modules-in-order-customers", "apps/api/src/modules/customers/bad.ts", 'import { usage } from "../usage/index.ts";'],
  [
    "modules-in-order-customers",
    "apps/api/src/modules/customers/bad.ts",
    'import type { usage } from "../usage/index.ts";',
  ],
  [
    "modules-through-index",
    "apps/api/src/modules/usage/bad.ts",
    'import { customers } from "../customers/customers.ts";',
  ],
  ["modules-are-known", "apps/api/src/bad.ts", 'import { x } from "./modules/surprises/index.ts";'],
  ["features-are-apart", "apps/portal/src/features/bill/bad.tsx", 'import { Chart } from "../usage/chart.tsx";'],
  ["features-below-pages", "apps/portal/src/features/bill/bad.tsx", 'import { Home } from "../../pages/home.tsx";'],
  ["start-without-test-parts", "tools/start/bad.mjs", 'import { kit } from "../../packages/testkit/src/index.ts";'],
  ["resolvable", "apps/api/src/bad.ts", 'import { gone } from "./gone.ts";'],
  [
    "no-cycles",
    "apps/api/src/platform/bad.ts",
    'import "./worse.ts";',
    { "apps/api/src/platform/worse.ts": 'import "./bad-15.ts";\n' },
  ],
];

const folder = mkdtempSync(path.join(tmpdir(), "meterline-boundaries-"));
/** Rule and importing file of each violation, as "rule file". */
let violations;
beforeAll(() => {
  for (const [file, content] of Object.entries(ALLOWED)) write(file, content);
  write("apps/api/src/modules/surprises/index.ts", "export const x = 1;\n");
  mkdirSync(path.join(folder, "node_modules/@meterline"), { recursive: true });
  const big = path.join(repository, "packages/billing-domain/node_modules/big.js");
  symlinkSync(big, path.join(folder, "node_modules/big.js"));
  symlinkSync(
    path.join(folder, "packages/billing-domain"),
    path.join(folder, "node_modules/@meterline/billing-domain"),
  );
  FORBIDDEN.forEach(([, file, line, others = {}], index) => {
    write(numbered(file, index), `${line}\n`);
    for (const [name, content] of Object.entries(others)) write(name, content);
  });
  violations = brokenRules();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Several rules use one file name, such as bad.ts: each gets a file of its own. */
function numbered(file, index) {
  return file.replace("bad.", `bad-${index}.`);
}

function write(file, content) {
  const full = path.join(folder, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, content);
}

function brokenRules() {
  const args = ["--config", config, "--output-type", "json", "packages", "apps", "tools"];
  const { stdout, stderr } = spawnSync(depcruise, args, { cwd: folder, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout).summary.violations.map(({ rule, from }) => `${rule.name} ${from}`);
}

test("what the design allows is allowed", () => {
  const allowed = Object.keys(ALLOWED);
  expect(violations.filter((violation) => allowed.includes(violation.split(" ")[1]))).toEqual([]);
});

test.each(FORBIDDEN.map(([rule, file, line], index) => ({ rule, file: numbered(file, index), line })))(
  "$rule: $file may not $line",
  ({ rule, file }) => {
    expect(violations).toContain(`${rule} ${file}`);
  },
);
