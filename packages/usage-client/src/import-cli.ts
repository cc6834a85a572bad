import { systemClock } from "./clock.ts";
import { readCommandLine } from "./import/command-line.ts";
import { runImport } from "./import/import-run.ts";
import { ImportStopped } from "./import/import-stopped.ts";
import { ProgressDisplay } from "./import/progress.ts";
import { exitCodeOf, type ImportEnd, summaryAsJson, summaryAsText } from "./import/summary.ts";
import { Tally } from "./import/tally.ts";

/** `npm run import -- FILE …`: records the rows of a CSV file as usage events through the public API. */
async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const out = (text: string) => void process.stdout.write(text);
  const error = (text: string) => void process.stderr.write(text);
  const stopRequest = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stopRequest.abort());
  const clock = systemClock;
  const startedAt = clock.now();
  const tally = new Tally();
  const progress = new ProgressDisplay(process.stderr, clock.now);
  try {
    const invocation = {
      args,
      environment: process.env,
      directory: process.cwd(),
      now: startedAt,
      write: { out, error },
    };
    const commandLine = readCommandLine(invocation);
    if (commandLine === null) return 0;
    const { options, isJson } = commandLine;
    const finish = (rest: Pick<ImportEnd, "report" | "stopped">) => {
      progress.stop();
      const end: ImportEnd = { options, tally, elapsedMs: clock.now() - startedAt, ...rest };
      out(isJson ? `${JSON.stringify(summaryAsJson(end))}\n` : `${summaryAsText(end)}\n`);
      return exitCodeOf(end);
    };
    try {
      const report = await runImport(options, { clock, progress, tally, signal: stopRequest.signal });
      return finish({ report, stopped: null });
    } catch (reason) {
      if (!(reason instanceof ImportStopped)) throw reason;
      const code = finish({ report: null, stopped: reason });
      if (isJson) error(`${reason.code}: ${reason.message}\n`);
      return code;
    }
  } catch (reason) {
    progress.stop();
    if (!(reason instanceof ImportStopped)) throw reason;
    if (args.includes("--json"))
      out(`${JSON.stringify({ complete: false, error: { code: reason.code, message: reason.message } })}\n`);
    error(`${reason.message}\nnpm run import -- --help shows every option.\n`);
    return 2;
  }
}

process.exitCode = await main();
