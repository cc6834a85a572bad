#!/usr/bin/env node
import { parseArgs } from "node:util";
import { startSandbox } from "./sandbox.ts";

const USAGE =
  "stripe-sandbox [--port 4242] [--host 127.0.0.1] [--seed 1] [--lag-ms 2000] [--rate-limits live|sandbox|off] [--file state]";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "4242" },
    host: { type: "string", default: "127.0.0.1" },
    seed: { type: "string", default: "1" },
    "lag-ms": { type: "string", default: "2000" },
    "rate-limits": { type: "string", default: "live" },
    file: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(name: "port" | "seed" | "lag-ms"): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`--${name} must be a whole number of 0 or more\n${USAGE}`);
}

function rateLimits(): "live" | "sandbox" | "off" {
  const value = values["rate-limits"];
  if (value === "live" || value === "sandbox" || value === "off") return value;
  throw new RangeError(`--rate-limits must be live, sandbox or off\n${USAGE}`);
}

if (values.help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  const sandbox = await startSandbox({
    port: wholeNumber("port"),
    host: values.host,
    seed: wholeNumber("seed"),
    lagMs: wholeNumber("lag-ms"),
    rateLimits: rateLimits(),
    file: values.file ?? null,
  });
  process.stdout.write(`Stripe sandbox on ${sandbox.url}: a local stand-in, not Stripe. Any sk_test_ key works.\n`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void sandbox.close());
}
