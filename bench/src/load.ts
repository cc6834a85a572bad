import { createRequire } from "node:module";
import type autocannonType from "autocannon";
import type { Part } from "./cpu.ts";
import type { Stack } from "./stack.ts";

const autocannon = createRequire(import.meta.url)("autocannon") as typeof autocannonType;

/** What a round of load came to. */
export type Load = { calls: number; callsPerSecond: number; p50Ms: number; p99Ms: number };

/** How a load is made. `body` is the number-th request's. */
export type LoadOptions = {
  connections: number;
  seconds: number;
  body: (number: number) => string;
  /** Another process than the stack's first. */
  url?: string;
};

/** Sends requests as fast as they are answered, over `connections`, for `seconds`; each body is made anew. */
export async function load(stack: Stack, options: LoadOptions): Promise<Load> {
  let number = 0;
  const result = await autocannon({
    ...requestsTo(stack, options.url, () => options.body(number++)),
    duration: options.seconds,
    connections: options.connections,
    verifyBody: (body) => !String(body).includes('"errors"') && !String(body).includes("REJECTED"),
  });
  failOnFaults(result);
  return {
    calls: result.requests.total,
    callsPerSecond: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}

/** Sends a number of requests, and counts the answers that hold each of some words. */
export async function count(
  stack: Stack,
  options: Omit<LoadOptions, "seconds"> & { calls: number; words: readonly string[] },
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let number = 0;
  const result = await autocannon({
    ...requestsTo(stack, options.url, () => options.body(number++)),
    connections: options.connections,
    amount: options.calls,
    verifyBody: (body) => {
      const word = options.words.find((one) => String(body).includes(one));
      if (word !== undefined) counts[word] = (counts[word] ?? 0) + 1;
      return word !== undefined;
    },
  });
  failOnFaults(result);
  return counts;
}

function requestsTo(stack: Stack, url: string | undefined, body: () => string) {
  return {
    url: url ?? stack.url,
    headers: { "content-type": "application/json", authorization: `Bearer ${stack.apiKey}` },
    requests: [{ method: "POST" as const, setupRequest: (request: object) => ({ ...request, body: body() }) }],
  };
}

function failOnFaults(result: autocannonType.Result): void {
  const faults = result.errors + result.non2xx + result.mismatches;
  if (faults > 0) throw new Error(`${faults} of ${result.requests.total} calls failed; the figures would mean nothing`);
}

/** A load, the CPU that each part used for one call, and the cores that others on the machine kept busy meanwhile. */
export type LoadWithCpu = Load & { cpu: Record<Part, number> | null; otherCores: number };

/** Others may keep this much of a core busy in a measurement that counts. */
const quietCores = 0.3;
const maxTries = 40;

/**
 * Runs a load until nobody else needed the machine meanwhile, at most {@link maxTries} times: calls a second beside a
 * neighbour's compiler say nothing. The quietest is answered; who reads the report hears how quiet it was. Each try makes
 * its own options, because what was recorded under a key is not recorded again.
 */
export async function quietLoad(stack: Stack, optionsOf: (attempt: number) => LoadOptions): Promise<LoadWithCpu> {
  let quietest = await loadWithCpu(stack, optionsOf(1));
  for (let attempt = 2; attempt <= maxTries && quietest.otherCores > quietCores; attempt += 1) {
    const again = await loadWithCpu(stack, optionsOf(attempt));
    if (again.otherCores < quietest.otherCores) quietest = again;
  }
  return quietest;
}

async function loadWithCpu(stack: Stack, options: LoadOptions): Promise<LoadWithCpu> {
  const startedAt = performance.now();
  const before = stack.cpuTime();
  const measured = await load(stack, options);
  const after = stack.cpuTime();
  if (before === null || after === null) return { ...measured, cpu: null, otherCores: 0 };
  const used = (part: keyof typeof before) => after[part] - before[part];
  const others = used("machine") - used("api") - used("postgres") - used("client");
  const perCall = (part: Part) => used(part) / measured.calls;
  return {
    ...measured,
    cpu: { api: perCall("api"), postgres: perCall("postgres"), client: perCall("client") },
    otherCores: Math.max(0, others / 1_000 / (performance.now() - startedAt)),
  };
}

/** The median of figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
