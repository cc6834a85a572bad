import { type Config, ConfigError } from "./config.ts";
import { NotDurableError } from "./platform/database/index.ts";
import { type RunningServer, startServer } from "./server.ts";

/** Runs this process until it is told to stop. A second signal while it stops changes nothing. */
export async function runProcess(readSettings: () => Config): Promise<void> {
  let running: RunningServer | undefined;
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    running?.logger.info({ signal }, "stopping");
    await running?.stop();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("SIGINT", () => void stop("SIGINT"));
  try {
    running = await startServer(readSettings());
  } catch (error) {
    // A fault of the settings is for a person to read; anything else is a bug whose trace belongs in the log.
    const isForPeople = error instanceof ConfigError || error instanceof NotDurableError;
    const text = isForPeople ? (error as Error).message : ((error as Error).stack ?? String(error));
    process.stderr.write(`${text}\n`);
    process.exit(1);
  }
}
