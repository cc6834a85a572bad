import { cpus } from "node:os";
import { Command } from "commander";
import { alerts } from "./alerts.ts";
import { batches } from "./batch.ts";
import { consumption } from "./consumption.ts";
import { limits } from "./limits.ts";
import { live } from "./live.ts";
import { reporting } from "./reporting.ts";
import { printReport, type Result } from "./report.ts";
import { singleCall } from "./single-call.ts";
import { startStack } from "./stack.ts";

type Options = { only?: string; rounds: string; seconds: string; json?: boolean };

const options = new Command("bench")
  .description("Times Meterline against a baseline in the same run, on this machine, and prints the ratios.")
  .option("--only <name>", "single, batch, limits, consumption, reporting, live or alerts")
  .option("--rounds <count>", "times that each side is measured, in turn; the median counts", "5")
  .option("--seconds <seconds>", "length of one measurement", "5")
  .option("--json", "print one JSON object on standard output")
  .parse()
  .opts<Options>();

const say = (text: string) => process.stderr.write(`${text}\n`);
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const wanted = (name: string) => options.only === undefined || options.only === name;

const results: Result[] = [];
if (wanted("reporting")) {
  say("reporting: telling the sandbox 100,000 reports one by one, then by the stream, then out of 1,000,000 …");
  results.push(...(await reporting(seconds, say)));
}
if (["single", "batch", "limits", "consumption"].some(wanted)) results.push(...(await recording()));
if (wanted("live")) {
  say("live: a fresh stack, 1,000 subscribers, 500 events/s …");
  results.push(...(await live(say)));
}
if (wanted("alerts")) {
  say("alerts: a fresh stack with its worker, 1,000 endpoints, 500 events/s …");
  results.push(...(await alerts(say)));
}
if (options.json) {
  console.log(
    JSON.stringify(
      { node: process.version, cpus: cpus().length, cpu: cpus()[0]?.model, rounds, seconds, results },
      null,
      2,
    ),
  );
} else {
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}; client, API and PostgreSQL share them.`,
  );
  printReport(results);
}

async function recording(): Promise<Result[]> {
  say("starting PostgreSQL (fsync on) and the API …");
  const stack = await startStack(1_000);
  const measured: Result[] = [];
  try {
    if (wanted("single")) {
      say(`recordUsage, ${rounds} rounds of 3 × ${seconds} s …`);
      measured.push(...(await singleCall(stack, rounds, seconds)));
    }
    if (wanted("batch")) {
      say(`recordUsageBatch, ${rounds} rounds …`);
      measured.push(...(await batches(stack, rounds, seconds)));
    }
    if (wanted("limits")) {
      say(`limits: ${rounds} rounds of 3 × ${seconds} s, then into the limit, then checkUsage …`);
      measured.push(...(await limits(stack, rounds, seconds)));
    }
    if (wanted("consumption")) {
      say("consumption: recording 1,001,000 events first …");
      measured.push(...(await consumption(stack, rounds, Math.min(seconds, 3), say)));
    }
  } finally {
    await stack.stop();
  }
  return measured;
}
