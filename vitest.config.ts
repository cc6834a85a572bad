import { defineConfig } from "vitest/config";

const conditions = ["meterline-source", "node", "import", "module", "default"];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        ssr: { resolve: { conditions } },
        resolve: { conditions },
        test: { name: "unit", include: ["{packages,apps,bench}/**/src/**/*.test.{ts,tsx}", "tools/**/*.test.mjs"], exclude: ["**/*.int.test.ts", "**/node_modules/**"] },
      },
      {
        extends: true,
        ssr: { resolve: { conditions } },
        resolve: { conditions },
        test: { name: "int", include: ["{packages,apps,bench}/**/src/**/*.int.test.ts"], exclude: ["**/node_modules/**"], testTimeout: 60_000, hookTimeout: 120_000 },
      },
    ],
  },
});
