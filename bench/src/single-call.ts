import { type LoadWithCpu, load, median, quietLoad } from "./load.ts";
import type { Part } from "./cpu.ts";
import { atLeast, atMost, type Result } from "./report.ts";
import { customerName, meterKey } from "./seed.ts";
import type { Stack } from "./stack.ts";

const connections = 32;

function mutation(name: string, run: string): (number: number) => string {
  const query = `mutation Bench($input: RecordUsageInput!) { ${name}(input: $input) { outcome rejection { code } } }`;
  return (number) =>
    JSON.stringify({
      query,
      variables: {
        input: {
          externalCustomerId: customerName(number % 100),
          meterKey,
          quantity: "1",
          idempotencyKey: `${run} ${number}`,
        },
      },
    });
}

/** `recordUsage`, one event a call, against a mutation that does nothing on the same server; and the naive way beside. */
export async function singleCall(stack: Stack, rounds: number, seconds: number): Promise<Result[]> {
  const measured = {
    recordUsage: [] as LoadWithCpu[],
    recordNothing: [] as LoadWithCpu[],
    recordNaively: [] as LoadWithCpu[],
  };
  const names = Object.keys(measured) as (keyof typeof measured)[];
  for (const name of names) await load(stack, { connections, seconds: 2, body: mutation(name, `warm ${name}`) });
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const optionsOf = (attempt: number) => ({
        connections,
        seconds,
        body: mutation(name, `${name} ${round} ${attempt}`),
      });
      measured[name].push(await quietLoad(stack, optionsOf));
    }
  }
  const rate = (name: keyof typeof measured) => median(measured[name].map((one) => one.callsPerSecond));
  const p99 = (name: keyof typeof measured) => median(measured[name].map((one) => one.p99Ms));
  const cpu = (name: keyof typeof measured): string =>
    parts.map((part) => median(measured[name].map((one) => one.cpu?.[part] ?? Number.NaN)).toFixed(0)).join(" + ");
  return [
    atLeast(
      "recordUsage, one event a call, 32 clients: calls a second",
      rate("recordUsage") / rate("recordNothing"),
      0.8,
      {
        "recordUsage, calls/s": rate("recordUsage"),
        "a mutation that does nothing, calls/s": rate("recordNothing"),
        "the naive way (one INSERT a call), calls/s": rate("recordNaively"),
        "recordUsage, CPU µs/call (API + PostgreSQL + client)": cpu("recordUsage"),
        "a mutation that does nothing, CPU µs/call": cpu("recordNothing"),
        "cores that others used meanwhile, at most": Math.max(
          ...names.flatMap((name) => measured[name].map((one) => one.otherCores)),
        ),
      },
    ),
    atMost("recordUsage, one event a call, 32 clients: p99", p99("recordUsage") / p99("recordNothing"), 2, {
      "recordUsage, ms": p99("recordUsage"),
      "a mutation that does nothing, ms": p99("recordNothing"),
      "the naive way, ms": p99("recordNaively"),
    }),
  ];
}

const parts: readonly Part[] = ["api", "postgres", "client"];
