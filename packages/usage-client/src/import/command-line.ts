import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { resolveEndpoint } from "../client-options.ts";
import type { ImportOptions } from "./import-run.ts";
import { ImportStopped } from "./import-stopped.ts";

/** What the program was called with and where. */
export type Invocation = {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly now: number;
  /** Takes the text of `--help`. */
  readonly write: { readonly out: (text: string) => void };
};

/** What to do; null when help was asked for and given. */
export type CommandLine = { readonly options: ImportOptions; readonly isJson: boolean };

type Flags = {
  meter: string;
  customer?: string;
  customerDefault?: string;
  quantity?: string;
  time: string;
  timeZone?: string;
  key: string[];
  keyPrefix: string;
  property: string[];
  repeatedRows?: "count";
  createCustomers?: string;
  subscribeFrom?: string;
  currency?: string;
  backfill?: boolean;
  shiftTo?: "now";
  dryRun?: boolean;
  json?: boolean;
  rejects?: string;
  wait: number;
  url?: string;
  apiKey?: string;
};

/** Reads the arguments. Throws `ImportStopped` with code USAGE when they make no sense. */
export function readCommandLine(invocation: Invocation): CommandLine | null {
  const { environment, directory, write } = invocation;
  let result: CommandLine | null = null;
  const command = makeCommand(write).action((file: string, flags: Flags) => {
    const api = findApi(flags, { environment, directory });
    if (api !== null) checkUrl(api.url);
    const isDryRun = flags.dryRun === true;
    if (api === null && !isDryRun)
      throw usage("No API key: start Meterline first, or give --api-key or METERLINE_API_KEY.");
    if (flags.customer === undefined && flags.customerDefault === undefined) {
      throw usage("Give --customer COLUMN, or --customer-default ID for a file of one customer.");
    }
    if (flags.createCustomers === undefined && (flags.subscribeFrom ?? flags.currency) !== undefined) {
      throw usage("--subscribe-from and --currency need --create-customers PLAN.");
    }
    result = {
      isJson: flags.json === true,
      options: {
        ...optionsOf(flags, invocation),
        path: findFile(file, invocation),
        api,
        isDryRun,
        rejectsPath: rejectsPath(file, { flags, invocation }),
      },
    };
  });
  try {
    command.parse(invocation.args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw usage(error.message.replace(/^error: /, ""));
  }
  return result;
}

function checkUrl(url: string): void {
  try {
    resolveEndpoint(url);
  } catch {
    throw usage(`"${url}" is not a URL of the API: it must begin with http:// or https://.`);
  }
}

function usage(message: string): ImportStopped {
  return new ImportStopped("USAGE", message);
}

function makeCommand(write: Invocation["write"]): Command {
  const list = (value: string) => value.split(",").map((part) => part.trim());
  return new Command("npm run import --")
    .description("Records the rows of a CSV file as usage events, each exactly once: run again, it continues.")
    .argument("<file>", "CSV with a header line, plain or gzip")
    .requiredOption("--meter <key>", "the meter that the rows count on")
    .option("--customer <column>", "column with your id of the customer")
    .option("--customer-default <id>", "customer of rows whose column is empty")
    .option("--quantity <column>", "column with the quantity (without it each row counts as 1)")
    .requiredOption("--time <column>", "column with the time of the usage")
    .option("--time-zone <zone>", "zone of times without an offset, such as Europe/London")
    .requiredOption("--key <columns>", "columns that tell rows apart, with commas between", list)
    .option("--key-prefix <text>", "text before each key, for a second meter from one file", "")
    .option("--property <column>", "column to keep with the event; may be repeated", collect, [])
    .option(
      "--repeated-rows <way>",
      '"count": rows with the same key columns are events of their own',
      onlyWord("count"),
    )
    .option("--create-customers <plan>", "create unknown customers and put them on this plan")
    .option("--subscribe-from <date>", "start of their subscriptions (default: the current month, UTC)", instant)
    .option("--currency <code>", "currency of created customers (default: the plan's)")
    .option("--backfill", "record rows older than 35 days; needs the scope usage:backfill")
    .option("--shift-to <when>", '"now": move the file by whole days so that it ends now', onlyWord("now"))
    .option("--dry-run", "read and check everything, send nothing")
    .option("--json", "print one JSON object on stdout")
    .option("--rejects <file>", "where refused rows go (default: FILE.rejects.csv)")
    .option("--wait <minutes>", "how long to wait for an API that does not answer", minutes, 10)
    .option("--url <url>", "address of the API (default: METERLINE_URL, or what npm start wrote)")
    .option("--api-key <key>", "API key (default: METERLINE_API_KEY, or what npm start wrote)")
    .addHelpText(
      "after",
      "\nExit codes: 0 every row is recorded, 1 some rows were refused, 2 the import could not run to its end.",
    )
    .exitOverride()
    .configureOutput({ writeOut: write.out, writeErr: () => undefined });
}

function optionsOf(
  flags: Flags,
  { now }: Invocation,
): Omit<ImportOptions, "path" | "api" | "isDryRun" | "rejectsPath"> {
  const { createCustomers: planKey } = flags;
  const month = new Date(now).toISOString().slice(0, 7);
  return {
    mapping: {
      meterKey: flags.meter,
      customerColumn: flags.customer ?? null,
      customerDefault: flags.customerDefault ?? null,
      quantityColumn: flags.quantity ?? null,
      timeColumn: flags.time,
      timeZone: flags.timeZone ?? null,
      keyColumns: flags.key,
      keyPrefix: flags.keyPrefix,
      propertyColumns: flags.property,
      countsRepeatedRows: flags.repeatedRows === "count",
    },
    isBackfill: flags.backfill === true,
    shiftsToNow: flags.shiftTo === "now",
    createCustomers:
      planKey === undefined
        ? null
        : { planKey, currency: flags.currency ?? null, subscribeFrom: flags.subscribeFrom ?? `${month}-01T00:00:00Z` },
    waitMs: flags.wait * 60_000,
  };
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, ...value.split(",").map((part) => part.trim())];
}

function onlyWord<Word extends string>(word: Word): (value: string) => Word {
  return (value) => {
    if (value !== word) throw new InvalidArgumentError(`Only "${word}" is known.`);
    return word;
  };
}

function instant(value: string): string {
  const text = /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value;
  const isInstant = /(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isInstant) throw new InvalidArgumentError("It must be a date such as 2025-01-01, or an instant with an offset.");
  return new Date(text).toISOString();
}

function minutes(value: string): number {
  const count = Number(value);
  if (!Number.isFinite(count) || count < 0 || count > 1_440) throw new InvalidArgumentError("It must be 0 to 1440.");
  return count;
}

/** npm runs a program in the folder of the package; a relative path is meant from where the person is. */
function findFile(file: string, { environment, directory }: Invocation): string {
  const fromPerson = resolve(environment["INIT_CWD"] ?? directory, file);
  return existsSync(fromPerson) ? fromPerson : resolve(directory, file);
}

function rejectsPath(file: string, { flags, invocation }: { flags: Flags; invocation: Invocation }): string {
  const start = invocation.environment["INIT_CWD"] ?? invocation.directory;
  if (flags.rejects !== undefined) return resolve(start, flags.rejects);
  return resolve(start, `${basename(file).replace(/(\.csv)?(\.gz)?$/i, "")}.rejects.csv`);
}

function findApi(
  flags: Flags,
  { environment, directory }: { environment: Invocation["environment"]; directory: string },
): ImportOptions["api"] {
  const url = flags.url ?? environment["METERLINE_URL"];
  const apiKey = flags.apiKey ?? environment["METERLINE_API_KEY"];
  if (url !== undefined && apiKey !== undefined) return { url, apiKey };
  const instance = findInstance([directory, environment["INIT_CWD"] ?? directory]);
  const chosen = { url: url ?? instance?.url ?? "http://localhost:4400", apiKey: apiKey ?? instance?.apiKey };
  return chosen.apiKey === undefined ? null : { url: chosen.url, apiKey: chosen.apiKey };
}

/** What `npm start` wrote, here or in a folder above. */
function findInstance(directories: readonly string[]): { url: string; apiKey: string } | null {
  for (const start of directories) {
    for (let place = start; ; place = dirname(place)) {
      const file = join(place, ".meterline", "instance.json");
      if (existsSync(file)) {
        const { url, apiKey } = readInstance(file);
        if (typeof url === "string" && typeof apiKey === "string") return { url, apiKey };
      }
      if (dirname(place) === place) break;
    }
  }
  return null;
}

function readInstance(file: string): { url?: unknown; apiKey?: unknown } {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof content === "object" && content !== null ? content : {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usage(`${file} cannot be read (${reason}). Give --url and --api-key instead.`);
  }
}
