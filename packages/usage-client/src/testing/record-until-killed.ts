import { UsageClient } from "../usage-client.ts";

// A backend of its own process: records events 1, 2, 3 … and prints each number once the event is safe, until it is killed.
const [, , url = "", spillDirectory = ""] = process.argv;
const client = new UsageClient({
  url,
  apiKey: "ml_test",
  spillDirectory,
  batchSize: 10,
  maxAgeMs: 1,
  spillAfterMs: 5,
  initialBackoffMs: 1,
  maxBackoffMs: 5,
  spillSegmentBytes: 4_096,
  hooks: { onRetry: () => {}, onProblem: () => {} },
});
for (let number = 1; number <= 1_000_000; number += 1) {
  await client.ready();
  const idempotencyKey = `event-${number}`;
  const occurredAt = "2026-05-01T12:00:00Z";
  const input = { externalCustomerId: "acme", meterKey: "api_requests", idempotencyKey, occurredAt };
  const outcome = await client.recordAndWait(input);
  if (outcome.outcome === "SPILLED" || outcome.outcome === "RECORDED") process.stdout.write(`${number}\n`);
}
