import { defineConfig } from "rolldown";

/** One browser-safe ES module. Dependencies stay imports, so that an application has a single copy of each. */
export default defineConfig({
  input: "src/index.ts",
  platform: "neutral",
  external: [/^big\.js$/, /^temporal-polyfill(\/|$)/],
  output: { file: "dist/index.js", format: "esm", sourcemap: true },
});
