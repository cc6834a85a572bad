import { defineConfig } from "rolldown";

const output = { dir: "dist", format: "esm", sourcemap: true };

export default defineConfig([
  { input: "src/index.ts", platform: "node", external: [/^[^./]/], output },
  // The command runs by itself: what the workspace provides from source is bundled into it.
  {
    input: "src/cli.ts",
    platform: "node",
    resolve: { conditionNames: ["meterline-source", "node", "import", "default"] },
    output,
  },
]);
