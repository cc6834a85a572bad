import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { type CatalogRequest, type ExitCode, runCatalogCommand, type Terminal } from "./catalog-cli/catalog-command.ts";
import { runStripeCommand, type StripeRequest } from "./catalog-cli/stripe-command.ts";
import { findConnection, findUpwards } from "./catalog-cli/connection.ts";
import { readClientConfig } from "./config.ts";

// `npm run catalog -- plan|apply [FILE]`: compares a catalog file with the running Meterline, and applies it.
// `npm run catalog -- stripe plan|apply`: the same of the running Meterline and its Stripe account.

const DEFAULT_FILE = "catalog.yaml";

const terminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  error: (text) => void process.stderr.write(`${text}\n`),
  paint: (color, text) => styleText(color, text, { stream: process.stdout }),
  ask: process.stdin.isTTY && process.stdout.isTTY ? ask : null,
};

async function ask(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // A closed input never answers a question, and no answer is a no.
    const closed = new Promise<string>((done) => prompt.once("close", () => done("")));
    const answer = await Promise.race([prompt.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

async function run(
  command: CatalogRequest["command"],
  given: string | undefined,
  options: { json?: boolean; yes?: boolean },
): Promise<ExitCode> {
  const settings = readClientConfig();
  const { workingDirectory } = settings;
  const file =
    given === undefined
      ? (findUpwards(DEFAULT_FILE, workingDirectory) ?? DEFAULT_FILE)
      : resolve(workingDirectory, given);
  const connection = findConnection(settings);
  if ("fault" in connection) {
    terminal.error(connection.fault);
    return 1;
  }
  return runCatalogCommand(
    { command, file, json: options.json ?? false, yes: options.yes ?? false },
    connection,
    terminal,
  );
}

const program = new Command("catalog")
  .description("Compares a catalog file with the running Meterline, and applies it.")
  .addHelpText(
    "after",
    "\nExit code: 0 nothing to do or done, 1 Meterline cannot be reached or refuses, 2 the file is at fault.",
  )
  .exitOverride();
program
  .command("plan")
  .description("show what applying the file would do")
  .argument("[file]", "the catalog file, YAML or JSON", undefined)
  .option("--json", "for programs")
  .action(async (file: string | undefined, options: { json?: boolean }) => {
    process.exitCode = await run("plan", file, options);
  });
program
  .command("apply")
  .description("show it, ask, and apply it")
  .argument("[file]", "the catalog file, YAML or JSON", undefined)
  .option("--json", "for programs; needs --yes")
  .option("-y, --yes", "do not ask")
  .action(async (file: string | undefined, options: { json?: boolean; yes?: boolean }) => {
    process.exitCode = await run("apply", file, options);
  });

const stripe = program
  .command("stripe")
  .description("compares the catalog with the Stripe account, and brings it there");
const runStripe = async (command: StripeRequest["command"], options: { json?: boolean; yes?: boolean }) => {
  const connection = findConnection(readClientConfig());
  if ("fault" in connection) {
    terminal.error(connection.fault);
    process.exitCode = 1;
    return;
  }
  const request = { command, json: options.json ?? false, yes: options.yes ?? false };
  process.exitCode = await runStripeCommand(request, connection, terminal);
};
stripe
  .command("plan")
  .description("show what bringing it there would do")
  .option("--json", "for programs")
  .action((options: { json?: boolean }) => runStripe("plan", options));
stripe
  .command("apply")
  .description("show it, ask, and do it")
  .option("--json", "for programs; needs --yes")
  .option("-y, --yes", "do not ask")
  .action((options: { json?: boolean; yes?: boolean }) => runStripe("apply", options));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed what it has to say: help that was asked for is 0, a wrong command line is 2.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
