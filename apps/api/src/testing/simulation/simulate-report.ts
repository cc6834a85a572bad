import type { RunResult } from "./run-schedule.ts";

/** What many runs came to. */
export type SimulationSummary = {
  runs: number;
  /** In order of seed. */
  failed: { seed: number; rule: string; message: string }[];
  counts: RunResult["counts"];
};

/** A run without its trace, which a replay makes again. */
export type RunOutcome = Pick<RunResult, "seed" | "counts"> & { failure: { rule: string; message: string } | null };

/** Adds up runs as they end. */
export class SimulationTally {
  readonly summary: SimulationSummary = {
    runs: 0,
    failed: [],
    counts: { steps: 0, events: 0, deaths: 0, writes: 0, tickets: 0 },
  };

  add({ seed, failure, counts }: RunOutcome): void {
    const { summary } = this;
    summary.runs += 1;
    for (const name of Object.keys(counts) as (keyof RunResult["counts"])[]) summary.counts[name] += counts[name];
    if (failure === null) return;
    summary.failed.push({ seed, rule: failure.rule, message: failure.message });
    summary.failed.sort((left, right) => left.seed - right.seed);
  }
}

const barWidth = 24;

/** One line: how far, how many failed, and about how long it still takes. */
export function progressLine(summary: SimulationSummary, wanted: number, elapsedMs: number): string {
  const share = wanted === 0 ? 1 : summary.runs / wanted;
  const filled = Math.floor(share * barWidth);
  const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
  const left = share > 0 && share < 1 ? ` | ETA ${duration((elapsedMs * (1 - share)) / share)}` : "";
  const counted = `${summary.runs.toLocaleString("en-US")}/${wanted.toLocaleString("en-US")} schedules`;
  return `${bar} ${Math.floor(share * 100)}% | ${counted} | ${summary.failed.length} failed${left}`;
}

/** What is told at the end. */
export function summaryText({ runs, failed, counts }: SimulationSummary, elapsedMs: number): string {
  const number = (value: number) => value.toLocaleString("en-US");
  const lines = [
    `${number(runs)} schedules in ${duration(elapsedMs)}: ${number(counts.steps)} steps, ${number(counts.events)} usage events, ` +
      `${number(counts.writes)} writes, ${number(counts.deaths)} crashes, ${number(counts.tickets)} tickets.`,
    ...failed.map((one) => failureLine(one.seed, one)),
    failed.length === 0
      ? "Every rule held."
      : `${failed.length} failed. See one happen: npm run simulate -- --seed ${failed[0]?.seed}`,
  ];
  return lines.join("\n");
}

/** Told at once, and again at the end. */
export function failureLine(seed: number, { message }: { message: string }): string {
  return `FAILED seed ${seed}: ${firstLine(message)}`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 300) ?? "";
}

/** Such as "42 s" or "3 min 5 s". */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
