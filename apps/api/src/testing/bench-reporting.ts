import { readOrMakeAuthSecret } from "../auth-secret.ts";
import { readConfig } from "../config.ts";
import { createContainer } from "../container.ts";

/**
 * The sender, in a process of its own, for the benchmark of how fast a backlog is told. The parent says how many reports to
 * tell at most; the answer is how many were, in what time, and the most memory that the process held meanwhile.
 */
type Order = { atMost: number };

const config = readConfig();
const container = await createContainer(config, await readOrMakeAuthSecret(config));
const { sending } = container.reporting;
if (sending === null) throw new Error("the benchmark needs STRIPE_API_KEY");
const { sender } = sending;

process.on("message", (order: Order) => void work(order));
process.send?.({ ready: true });

async function work({ atMost }: Order): Promise<void> {
  let peakBytes = 0;
  const countedBefore = await settledCount();
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    if (sender.settledCount - startCount >= atMost) sender.finish();
  }, 20);
  const startCount = sender.settledCount;
  // So that no garbage of the round before is counted in.
  globalThis.gc?.();
  const usage = process.cpuUsage();
  const startedAt = performance.now();
  // A 429 is tried again a moment later, so what is due now is not all.
  for (let turn = 0; turn < 1_000 && sender.settledCount - startCount < atMost; turn += 1) {
    const settled = await sender.drain();
    if (settled === 0 && (await pendingCount()) === 0) break;
  }
  const elapsedMs = performance.now() - startedAt;
  clearInterval(watch);
  const { user, system } = process.cpuUsage(usage);
  const accepted = (await settledCount()) - countedBefore;
  process.send?.({ accepted, elapsedMs, peakBytes, cpuMs: (user + system) / 1000 });
}

async function pendingCount(): Promise<number> {
  const [row] = await container.database.query<{ count: number }>(
    "SELECT count(*)::integer AS count FROM (SELECT FROM meter_report WHERE state = 'PENDING' LIMIT 1) s",
  );
  return row?.count ?? 0;
}

async function settledCount(): Promise<number> {
  const [row] = await container.database.query<{ count: number }>(
    "SELECT count(*)::integer AS count FROM meter_report WHERE state = 'ACCEPTED'",
  );
  return row?.count ?? 0;
}
