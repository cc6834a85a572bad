import { inRepository } from "../bootstrap/places.mjs";
import { environmentFaults } from "./environment-example.mjs";
import { fileFaults } from "./files.mjs";
import { readmeFaults } from "./readmes.mjs";
import { filesOf } from "./repository-files.mjs";
import { schemaFaults } from "./schema.mjs";

/** Rules of the house that no linter knows. Prints every fault and ends with 1 when there is any. */
const root = inRepository();
const files = filesOf(root);
const faults = [
  ...fileFaults(root, files),
  ...readmeFaults(root, files),
  ...environmentFaults(root),
  ...(await schemaFaults(root)),
];
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.stdout.write(`${files.length} files, ${faults.length} faults\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
