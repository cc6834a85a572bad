import { type EpochMs, parseInstant as readInstant } from "@meterline/billing-domain";
import { badUserInput } from "./errors.ts";

// PostgreSQL's timestamps and JavaScript's dates hold more; no argument of ours means anything outside of these years.
const earliestAt = Date.UTC(1900, 0, 1);
const latestAt = Date.UTC(10_000, 0, 1);

/** Reads a DateTime argument as milliseconds, by the same rules as a usage event's time. Refuses it by its field's name. */
export function parseInstant(text: string, field: string): EpochMs {
  const read = readInstant(text);
  if (!read.ok) throw badUserInput(`${field}: ${read.message}`, field);
  if (read.at < earliestAt || read.at >= latestAt)
    throw badUserInput(`${field} must lie between the years 1900 and 9999.`, field);
  return read.at;
}
