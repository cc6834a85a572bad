import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { inRepository } from "../bootstrap/places.mjs";

export const HELP = `Usage: npm start [-- options]

Installs, builds and runs Meterline with its own PostgreSQL. Ctrl-C stops it.

  --fresh   start over: deletes the data in .meterline, after asking
  --yes     do not ask
  --help    this text

Settings come from the environment or a file .env (see .env.example), such as
  PORT=4400            where the API, the portal and the admin app listen
  DATABASE_PORT=54400  where the embedded PostgreSQL listens
  DATABASE_URL=…       a PostgreSQL server (15 or later) of your own instead
  STRIPE_SANDBOX_PORT=4401  where the stand-in for Stripe listens
  STRIPE_API_KEY=…     a key of a Stripe account instead of the stand-in
`;

/** Something the person who started it can mend; shown without a stack trace. */
export class StartError extends Error {}

/**
 * @typedef {object} StartSettings
 * @property {number} port
 * @property {number} databasePort
 * @property {string | undefined} databaseUrl
 * @property {number | undefined} sandboxPort undefined where Stripe itself is used
 * @property {string} stateDirectory absolute
 */

/** @param {string[]} args */
export function readOptions(args) {
  try {
    const options = { fresh: { type: "boolean" }, yes: { type: "boolean" }, help: { type: "boolean" } };
    const { values } = parseArgs({ args, options: /** @type {const} */ (options), strict: true });
    return { fresh: values.fresh === true, yes: values.yes === true, help: values.help === true };
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

/** Reads the settings, a file .env included; what the environment says goes before it. @returns {StartSettings} */
export function readSettings() {
  const file = inRepository(".env");
  if (existsSync(file)) process.loadEnvFile(file);
  const apiPort = port("PORT", 4400);
  return {
    port: apiPort,
    sandboxPort: process.env["STRIPE_API_KEY"] ? undefined : port("STRIPE_SANDBOX_PORT", apiPort + 1),
    databasePort: port("DATABASE_PORT", 54_400),
    databaseUrl: process.env["DATABASE_URL"] || undefined,
    stateDirectory: path.resolve(inRepository(), process.env["STATE_DIR"] || ".meterline"),
  };
}

/** @param {string} name @param {number} standard */
function port(name, standard) {
  const text = process.env[name];
  if (!text) return standard;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  throw new StartError(`${name}=${text} is not a port: a whole number from 1 to 65535 is needed.`);
}
