import { readFileSync } from "node:fs";
import path from "node:path";
import { run } from "../bootstrap/command.mjs";
import { toolEnvironment } from "../bootstrap/toolchain.mjs";

/** schema.graphql is what the code emits now; written again when it is not. @param {string} root @returns {Promise<string[]>} */
export async function schemaFaults(root) {
  const file = path.join(root, "apps/api/schema.graphql");
  const committed = readFileSync(file, "utf8");
  try {
    await run("pnpm", ["--filter", "@meterline/api", "run", "schema"], {
      env: await toolEnvironment(),
      title: "Emitting schema.graphql",
    });
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return readFileSync(file, "utf8") === committed
    ? []
    : ["apps/api/schema.graphql: was not what the code emits; it has been written again, commit it"];
}
