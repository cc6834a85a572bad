import type { EpochMs } from "@meterline/billing-domain";
import { badUserInput } from "./errors.ts";

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** Reads a DateTime argument as milliseconds; digits past the millisecond are cut. Refuses it by its field's name. */
export function parseInstant(text: string, field: string): EpochMs {
  const match = rfc3339.exec(text);
  const at = match ? Date.parse(text) : Number.NaN;
  // Date.parse lets 30 February run over into March.
  const dayExists = match
    ? Number(match[3]) <= new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate()
    : false;
  if (Number.isNaN(at) || !dayExists || at < -62_135_596_800_000)
    throw badUserInput(`${field} must be an RFC 3339 instant with an offset, such as 2026-11-23T09:00:00Z.`, field);
  return at;
}
