import { readWorkerConfig } from "./config.ts";
import { runProcess } from "./run-process.ts";

// The worker alone.
await runProcess(readWorkerConfig);
