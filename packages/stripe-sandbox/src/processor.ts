import { runBilling } from "./billing/run-billing.ts";
import type { World } from "./core/world.ts";
import { reportErrors } from "./usage/error-reports.ts";
import { processUsage } from "./usage/process-usage.ts";
import { deliverWebhooks } from "./webhooks/deliver.ts";

/** What Stripe does by itself, behind the requests. */
export type Processor = { process(): Promise<void>; stop(): void };

/** A processor that ticks by itself when the options say so. */
export function createProcessor(world: World): Processor {
  let last: Promise<void> = Promise.resolve();
  let isTicking = false;
  const process = (): Promise<void> => {
    last = last.catch(() => {}).then(() => pass(world));
    return last;
  };
  const tick = async (): Promise<void> => {
    if (isTicking) return;
    isTicking = true;
    // A pass that fails is a fault of the sandbox; the next tick, or the next call of `process`, shows it again.
    await process().catch(() => {});
    isTicking = false;
  };
  const { tickMs } = world.options;
  const timer = tickMs === null ? undefined : setInterval(() => void tick(), tickMs);
  timer?.unref();
  return { process, stop: () => clearInterval(timer) };
}

async function pass(world: World): Promise<void> {
  processUsage(world);
  reportErrors(world);
  // Webhooks go out before billing too, so that an answer that is due does not hold an invoice.
  await deliverWebhooks(world);
  await runBilling(world);
  await deliverWebhooks(world);
}
