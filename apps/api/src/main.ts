import { ConfigError, readConfig } from "./config.ts";
import { type RunningServer, startServer } from "./server.ts";

let running: RunningServer | undefined;
let stopping = false;

async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  running?.logger.info({ signal }, "stopping");
  await running?.stop();
  process.exit(0);
}

process.on("SIGTERM", () => void stop("SIGTERM"));
process.on("SIGINT", () => void stop("SIGINT"));

try {
  running = await startServer(readConfig());
} catch (error) {
  // A fault of the settings is for a person to read; anything else is a bug whose trace belongs in the log.
  process.stderr.write(`${error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
}
