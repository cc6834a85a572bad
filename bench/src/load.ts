import { createRequire } from "node:module";
import type autocannonType from "autocannon";
import type { CpuTime, Part } from "./cpu.ts";
import type { Stack } from "./stack.ts";

const autocannon = createRequire(import.meta.url)("autocannon") as typeof autocannonType;

/** What a round of load came to. */
export type Load = { calls: number; callsPerSecond: number; p50Ms: number; p99Ms: number };

/** Sends requests as fast as they are answered, over `connections`, for `seconds`; each body is made anew. */
export async function load(
  stack: Stack,
  options: { connections: number; seconds: number; body: (number: number) => string },
): Promise<Load> {
  let number = 0;
  const result = await autocannon({
    url: stack.url,
    connections: options.connections,
    duration: options.seconds,
    headers: { "content-type": "application/json", authorization: `Bearer ${stack.apiKey}` },
    requests: [{ method: "POST", setupRequest: (request) => ({ ...request, body: options.body(number++) }) }],
    verifyBody: (body) => !String(body).includes('"errors"') && !String(body).includes("REJECTED"),
  });
  const faults = result.errors + result.non2xx + result.mismatches;
  if (faults > 0) throw new Error(`${faults} of ${result.requests.total} calls failed; the figures would mean nothing`);
  return {
    calls: result.requests.total,
    callsPerSecond: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}

/** Runs a load and answers, beside it, the CPU that each part used for one call. */
export async function loadWithCpu(
  stack: Stack,
  options: { connections: number; seconds: number; body: (number: number) => string },
): Promise<Load & { cpu: CpuTime }> {
  const before = stack.cpuTime();
  const measured = await load(stack, options);
  const after = stack.cpuTime();
  if (before === null || after === null) return { ...measured, cpu: null };
  const perCall = (part: Part) => (after[part] - before[part]) / measured.calls;
  return { ...measured, cpu: { api: perCall("api"), postgres: perCall("postgres"), client: perCall("client") } };
}

/** The median of figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
