import { defineConfig } from "rolldown";

// Everything is bundled, so that the library needs nothing beyond Node and the import program runs wherever dist is copied.
export default defineConfig({
  input: { index: "src/index.ts", "import-cli": "src/import-cli.ts" },
  platform: "node",
  resolve: { conditionNames: ["meterline-source", "node", "import", "default"] },
  output: { dir: "dist", format: "esm", sourcemap: true, cleanDir: true },
});
