import { median } from "./load.ts";
import { type Ceiling, sandboxCeilings } from "./sandbox-ceiling.ts";
import { atLeast, atMost, type Result } from "./report.ts";
import { type ReportingStack, startReportingStack } from "./reporting-stack.ts";

const backlog = 100_000;
const largeBacklog = 1_000_000;
/** https://docs.stripe.com/rate-limits: calls of v1, events of the stream, a second. */
const permitted = { V1: 1_000, STREAM: 10_000 } as const;

/** What the sender's process answers. */
type Drained = { accepted: number; elapsedMs: number; peakBytes: number; cpuMs: number };

/** A backlog of reports told to the sandbox, at the permitted rate or the sandbox's own ceiling, whichever is less. */
export async function reporting(seconds: number, say: (text: string) => void): Promise<Result[]> {
  const stack = await startReportingStack();
  try {
    const ceilings = await sandboxCeilings(stack, seconds);
    say(`the sandbox's own ceiling: ${round(ceilings.V1)} calls/s, ${round(ceilings.STREAM)} stream events/s`);
    await stack.limit("live");
    const results = [await drained(stack, "V1", ceilings, say), await drained(stack, "STREAM", ceilings, say)];
    return [...results.map((one) => one.result), await memory(stack, results[1]?.drained ?? null, say)];
  } finally {
    await stack.stop();
  }
}

async function drained(
  stack: ReportingStack,
  transport: "V1" | "STREAM",
  ceilings: Ceiling,
  say: (text: string) => void,
): Promise<{ result: Result; drained: Drained }> {
  await stack.fill(transport, backlog);
  const before = await stack.counted();
  const answer = await stack.drain<Drained>({ atMost: backlog });
  if (answer.accepted !== backlog) throw new Error(`${answer.accepted} of ${backlog} reports were accepted`);
  const counted = (await stack.counted()) - before;
  if (counted !== backlog) throw new Error(`Stripe's sandbox counted ${counted} of ${backlog} events`);
  const perSecond = (backlog * 1_000) / answer.elapsedMs;
  say(`${transport}: ${round(perSecond)} reports/s, each counted once`);
  const limit = Math.min(permitted[transport], ceilings[transport]);
  const which = limit === permitted[transport] ? "the permitted rate" : "the sandbox's own ceiling";
  const name =
    transport === "V1"
      ? "100,000 reports of 1,000 customers and 3 meters, one call each (v1)"
      : "100,000 reports of 1,000 customers and 3 meters, by the meter event stream";
  return {
    drained: answer,
    result: atLeast(`${name}: reports a second against ${which}`, perSecond / limit, 0.9, {
      "told, reports/s": perSecond,
      "permitted, reports/s": permitted[transport],
      "the sandbox's own ceiling, reports/s": ceilings[transport],
      "CPU of the sender, µs a report": (answer.cpuMs * 1_000) / backlog,
    }),
  };
}

/** The same work out of ten times the backlog, and the most memory of the sender's process at both. */
async function memory(stack: ReportingStack, small: Drained | null, say: (text: string) => void): Promise<Result> {
  await stack.fill("STREAM", largeBacklog);
  const large = await stack.drain<Drained>({ atMost: backlog });
  const atSmall = (small?.peakBytes ?? 0) / 1_048_576;
  const atLarge = large.peakBytes / 1_048_576;
  say(`memory: ${round(atSmall)} MiB at 100,000, ${round(atLarge)} MiB at 1,000,000`);
  return atMost("memory of the sender: a backlog of 1,000,000 against 100,000", atLarge / atSmall, 1.2, {
    "1,000,000 reports wait, peak MiB": atLarge,
    "100,000 reports wait, peak MiB": atSmall,
  });
}

const round = (figure: number): string => Math.round(median([figure])).toLocaleString("en");
