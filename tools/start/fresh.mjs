import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { StartError } from "./options.mjs";

/** What start-up makes again: data, secrets that go with it, logs. What was fetched from the registry stays. */
const MADE_AT_START = [
  "postgres",
  "postgres.new",
  "database.json",
  "instance.json",
  "auth-secret",
  "logs",
  "api.pid",
  "stripe-sandbox.pid",
  "stripe-sandbox.state",
  "stripe-sandbox.json",
];

/**
 * Asks whether everything recorded so far may go.
 * @param {import("./options.mjs").StartSettings} settings @param {boolean} yes answered already
 */
export async function confirmFresh(settings, yes) {
  if (settings.databaseUrl) {
    throw new StartError(
      "--fresh deletes the embedded database only. DATABASE_URL names a server: empty that one yourself.",
    );
  }
  if (yes || !existsSync(path.join(settings.stateDirectory, "postgres"))) return;
  if (!process.stdin.isTTY)
    throw new StartError("--fresh asks before it deletes, and nobody is here to answer: add --yes.");
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`Delete every customer, event and bill in ${settings.stateDirectory}? (y/N) `);
  prompt.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new StartError("Nothing was deleted.");
}

/** @param {string} stateDirectory */
export function deleteState(stateDirectory) {
  for (const name of MADE_AT_START) rmSync(path.join(stateDirectory, name), { recursive: true, force: true });
}
