import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { ConfigError, readDoctorConfig } from "./config.ts";
import { systemClock } from "./platform/clock.ts";
import { StripeGateway } from "./platform/stripe/index.ts";
import { webhookPath } from "./platform/stripe/webhooks/index.ts";
import { examine } from "./stripe-doctor/doctor.ts";
import { findingText, summaryText } from "./stripe-doctor/doctor-text.ts";

// `npm run stripe:doctor`: checks a Stripe test account, or the running sandbox where no key is set.

const program = new Command("stripe:doctor")
  .description("Checks a Stripe test account step by step, and writes down what its documentation leaves open.")
  .option("--json", "the report as JSON on stdout")
  .option("--patience <seconds>", "how long to wait for what Stripe does by itself", "180")
  .option("--out <file>", "where the report is written; default: STATE_DIR/stripe-doctor.json");
const options = program.parse().opts<{ json?: boolean; patience: string; out?: string }>();

try {
  const { settings, publicUrl, stateDirectory } = readDoctorConfig();
  const file = options.out ?? join(stateDirectory, "stripe-doctor.json");
  const say = (text: string) => void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  say(`Asking ${settings.place === "SANDBOX" ? "the local sandbox (not Stripe)" : "Stripe, in test mode"} …`);
  const report = await examine({
    gateway: new StripeGateway(settings, { clock: systemClock }),
    settings,
    target: `${publicUrl}${webhookPath}`,
    patienceMs: Number(options.patience) * 1_000,
    now: () => systemClock.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    tell: (finding) => say(findingText(finding)),
  });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  say(summaryText(report, file));
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.findings.some((finding) => finding.outcome === "FAULT") ? 1 : 0;
} catch (error) {
  const text = error instanceof ConfigError ? error.message : `The doctor could not go on: ${(error as Error).message}`;
  process.stderr.write(`${text}\n`);
  process.exitCode = 2;
}
