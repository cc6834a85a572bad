import { systemClock } from "./clock.ts";
import { type CommandLine, readCommandLine } from "./import/command-line.ts";
import { type ImportReport, runImport } from "./import/import-run.ts";
import { ImportStopped } from "./import/import-stopped.ts";
import { ProgressDisplay } from "./import/progress.ts";
import { exitCodeOf, summaryAsJson, summaryAsText } from "./import/summary.ts";
import { Tally } from "./import/tally.ts";

const print = (text: string) => void process.stdout.write(text);
const tell = (text: string) => void process.stderr.write(text);

/** `npm run import -- FILE …`: records the rows of a CSV file as usage events through the public API. */
async function main(args: readonly string[]): Promise<number> {
  const invocation = {
    args,
    environment: process.env,
    directory: process.cwd(),
    now: systemClock.now(),
    write: { out: print },
  };
  let commandLine: CommandLine | null;
  try {
    commandLine = readCommandLine(invocation);
  } catch (reason) {
    const { code, message } = asStopped(reason);
    if (args.includes("--json")) print(`${JSON.stringify({ complete: false, error: { code, message } })}\n`);
    tell(`${message}\nnpm run import -- --help shows every option.\n`);
    return 2;
  }
  return commandLine === null ? 0 : importFile(commandLine);
}

async function importFile({ options, isJson }: CommandLine): Promise<number> {
  const stopRequest = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stopRequest.abort());
  const clock = systemClock;
  const startedAt = clock.now();
  const tally = new Tally();
  const progress = new ProgressDisplay(process.stderr, clock.now);
  let report: ImportReport | null = null;
  let stopped: ImportStopped | null = null;
  try {
    report = await runImport(options, { clock, progress, tally, signal: stopRequest.signal });
  } catch (reason) {
    stopped = asStopped(reason);
  }
  progress.stop();
  const end = { options, tally, report, stopped, elapsedMs: clock.now() - startedAt };
  print(isJson ? `${JSON.stringify(summaryAsJson(end))}\n` : `${summaryAsText(end)}\n`);
  if (isJson && stopped) tell(`${stopped.code}: ${stopped.message}\n`);
  return exitCodeOf(end);
}

/** A fault of ours ends the import like any other stop, with its stack for whoever looks into it. */
function asStopped(reason: unknown): ImportStopped {
  if (reason instanceof ImportStopped) return reason;
  return new ImportStopped("BUG", reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
}

process.exitCode = await main(process.argv.slice(2));
