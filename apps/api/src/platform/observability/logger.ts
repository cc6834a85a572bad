import pino, { type Logger as PinoLogger } from "pino";
import { sqlStateOf } from "../database/database-error.ts";

/** Structured logs, one JSON object a line. */
export type Logger = PinoLogger;

/** Where a secret may lie in what is logged. */
export const redactedPaths = [
  "req.headers.authorization",
  "req.headers.cookie",
  'res.headers["set-cookie"]',
  "*.password",
  "*.secret",
  "*.apiKey",
  "password",
  "secret",
  "apiKey",
];

/** Errors without their parameters: those of a failed statement may hold customers' values and key hashes. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const sqlState = sqlStateOf(error);
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(sqlState === null ? {} : { sqlState }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** Makes the process's logger; `destination` is for tests. */
export function createLogger(level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: redactedPaths, censor: "[redacted]" },
    serializers: { err: describeError },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
