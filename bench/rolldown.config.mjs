import { defineConfig } from "rolldown";

export default defineConfig({
  input: "src/index.ts",
  platform: "node",
  external: (id) => !/^[./\0]/.test(id),
  resolve: { conditionNames: ["meterline-source", "node", "import"] },
  output: { dir: "dist", format: "esm", sourcemap: true, cleanDir: true },
});
