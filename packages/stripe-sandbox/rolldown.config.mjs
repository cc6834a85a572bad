import { defineConfig } from "rolldown";

export default defineConfig({
  input: "src/index.ts",
  platform: "node",
  external: [/^[^./]/],
  output: { dir: "dist", format: "esm", sourcemap: true },
});
