import { readConfig } from "./config.ts";
import { runProcess } from "./run-process.ts";

// The API and its worker, or either of them, as the settings say.
await runProcess(readConfig);
