import { defineConfig } from "rolldown";

// Workspace packages are bundled from source, with what only they depend on, and so are the compiler's own helpers; what
// this package depends on stays outside, as installed.
// What only tests use stays outside, too: it finds its own parts, such as PostgreSQL's binaries, beside itself.
const outside = /^@meterline\/(testkit|local-postgres|stripe-sandbox)$/;
const bundled = [
  "@meterline/",
  "@oxc-project/runtime",
  "big.js",
  "temporal-polyfill",
  "temporal-utils",
  "temporal-spec",
];

export default defineConfig({
  input: {
    main: "src/main.ts",
    worker: "src/worker.ts",
    "catalog-cli": "src/catalog-cli.ts",
    "stripe-doctor": "src/stripe-doctor.ts",
    "emit-schema": "src/emit-schema.ts",
    // For the benchmarks: the same parts with something to compare them to.
    "bench-server": "src/testing/bench-server.ts",
    "bench-sql": "src/testing/bench-sql.ts",
    "bench-reporting": "src/testing/bench-reporting.ts",
    simulate: "src/testing/simulation/simulate-cli.ts",
  },
  platform: "node",
  external: (id) => !/^[./\0]/.test(id) && (outside.test(id) || !bundled.some((name) => id.startsWith(name))),
  resolve: { conditionNames: ["meterline-source", "node", "import"] },
  tsconfig: "tsconfig.json",
  output: { dir: "dist", format: "esm", sourcemap: true, cleanDir: true },
});
