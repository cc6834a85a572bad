import { type Clock, systemClock } from "./clock.ts";
import type { UsageClientHooks } from "./hooks.ts";

/** How a `UsageClient` is set up. Every bound has a default; see the README for the table. */
export type UsageClientOptions = {
  /** Address of the API, such as `https://usage.example.com`; `/graphql` is added when the path is empty. */
  readonly url: string;
  /** A key with the scope `usage:write`. */
  readonly apiKey: string;
  /** Most events in one request: 1 to 1,000. Default 500. */
  readonly batchSize?: number;
  /** Longest wait of an event for its batch to fill, in milliseconds. Default 250. */
  readonly maxAgeMs?: number;
  /** Most requests under way at once: 1 to 64. Default 4. */
  readonly maxInFlight?: number;
  /** Most events in memory, waiting and under way together. Default 10,000. */
  readonly maxBuffered?: number;
  /** Longest time for one attempt, in milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Upper bound of the first retry's random wait, in milliseconds. Default 100. */
  readonly initialBackoffMs?: number;
  /** Upper bound of any retry's random wait, in milliseconds. Default 10,000. */
  readonly maxBackoffMs?: number;
  /** Without a spill directory: how long a batch is retried before its events fail, in milliseconds. Default 900,000. */
  readonly giveUpAfterMs?: number;
  /** Where events go when the API is down. One process at a time. Default: nowhere, memory only. */
  readonly spillDirectory?: string;
  /** How long a batch is retried from memory before it goes to disk, in milliseconds. Default 5,000. */
  readonly spillAfterMs?: number;
  /** Most bytes in the spill directory. Default 268,435,456 (256 MiB). */
  readonly maxSpillBytes?: number;
  /** Size at which a spill file is closed and the next one begun, in bytes. Default 4,194,304 (4 MiB). */
  readonly spillSegmentBytes?: number;
  readonly hooks?: UsageClientHooks;
  /** Time and chance, for tests. */
  readonly clock?: Clock;
};

/** Options with every default filled in. */
export type ResolvedOptions = Required<Omit<UsageClientOptions, "spillDirectory" | "url">> & {
  readonly endpoint: string;
  readonly spillDirectory: string | null;
};

/** An option that cannot be used; `option` names it. Thrown by the constructor, so that start-up stops. */
export class UsageClientOptionError extends Error {
  readonly option: string;

  constructor(option: string, message: string) {
    super(`UsageClient option ${option}: ${message}`);
    this.name = "UsageClientOptionError";
    this.option = option;
  }
}

/** Checks the options and fills in the defaults. */
export function resolveOptions(options: UsageClientOptions): ResolvedOptions {
  if (typeof options.apiKey !== "string" || options.apiKey === "") {
    throw new UsageClientOptionError("apiKey", "must be the secret of an API key.");
  }
  return {
    endpoint: resolveEndpoint(options.url),
    apiKey: options.apiKey,
    batchSize: integerWithin(options, "batchSize", { fallback: 500, least: 1, most: 1_000 }),
    maxAgeMs: integerWithin(options, "maxAgeMs", { fallback: 250, least: 0, most: 3_600_000 }),
    maxInFlight: integerWithin(options, "maxInFlight", { fallback: 4, least: 1, most: 64 }),
    maxBuffered: integerWithin(options, "maxBuffered", { fallback: 10_000, least: 1, most: 1_000_000 }),
    requestTimeoutMs: integerWithin(options, "requestTimeoutMs", { fallback: 30_000, least: 1, most: 600_000 }),
    initialBackoffMs: integerWithin(options, "initialBackoffMs", { fallback: 100, least: 1, most: 60_000 }),
    maxBackoffMs: integerWithin(options, "maxBackoffMs", { fallback: 10_000, least: 1, most: 600_000 }),
    giveUpAfterMs: integerWithin(options, "giveUpAfterMs", { fallback: 900_000, least: 0, most: 86_400_000 }),
    spillDirectory: options.spillDirectory ?? null,
    spillAfterMs: integerWithin(options, "spillAfterMs", { fallback: 5_000, least: 0, most: 3_600_000 }),
    maxSpillBytes: integerWithin(options, "maxSpillBytes", { fallback: 268_435_456, least: 65_536, most: 2 ** 40 }),
    spillSegmentBytes: integerWithin(options, "spillSegmentBytes", {
      fallback: 4_194_304,
      least: 4_096,
      most: 67_108_864,
    }),
    hooks: options.hooks ?? {},
    clock: options.clock ?? systemClock,
  };
}

/** The GraphQL endpoint of an API's address. */
export function resolveEndpoint(url: string): string {
  if (!URL.canParse(url)) throw new UsageClientOptionError("url", `"${url}" is not an absolute URL.`);
  const parsed = new URL(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new UsageClientOptionError("url", `"${url}" must begin with http:// or https://.`);
  }
  if (parsed.pathname === "/" || parsed.pathname === "") parsed.pathname = "/graphql";
  return parsed.href;
}

type NumericOption = {
  [Name in keyof UsageClientOptions]-?: UsageClientOptions[Name] extends number | undefined ? Name : never;
}[keyof UsageClientOptions];

function integerWithin(
  options: UsageClientOptions,
  name: NumericOption,
  { fallback, least, most }: { fallback: number; least: number; most: number },
): number {
  const value = options[name] ?? fallback;
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new UsageClientOptionError(name, `must be a whole number from ${least} to ${most}, got ${String(value)}.`);
  }
  return value;
}
