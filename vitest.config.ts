import { defineConfig } from "vitest/config";

// Packages resolve each other from source, so that a test never runs against a stale build.
const conditions = ["meterline-source", "node"];
// Vite would take graphql's ES build for our files and Node its CommonJS one for the libraries; the two refuse each other's types.
const alias = [{ find: /^graphql$/, replacement: "graphql/index.js" }];
const fromSource = { extends: true, ssr: { resolve: { conditions } }, resolve: { conditions, alias } };
const exclude = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  test: {
    projects: [
      {
        ...fromSource,
        test: {
          name: "unit",
          include: ["{packages,apps}/*/src/**/*.test.{ts,tsx}", "bench/src/**/*.test.ts", "tools/**/*.test.mjs"],
          exclude: [...exclude, "**/*.int.test.{ts,mjs}"],
        },
      },
      {
        ...fromSource,
        test: {
          name: "int",
          include: ["{packages,apps}/*/src/**/*.int.test.ts", "bench/src/**/*.int.test.ts", "tools/**/*.int.test.mjs"],
          exclude,
          globalSetup: ["./packages/testkit/src/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
