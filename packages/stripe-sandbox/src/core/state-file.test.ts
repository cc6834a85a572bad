import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../index.ts";
import { clientOf, START_AT, START_S } from "../testing/start.ts";

function stateFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "stripe-sandbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "state");
}

test("a state file brings back objects, usage, identifiers, idempotency keys and the clock", async () => {
  const settings = { now: () => START_AT, rateLimits: "off", tickMs: null, file: stateFile() } as const;
  const first = await startSandbox(settings);
  const before = clientOf(first);
  const customer = await before.customers.create({ name: "Acme (demo)" }, { idempotencyKey: "k1" });
  const meter = await before.billing.meters.create({
    display_name: "Requests",
    event_name: "requests",
    default_aggregation: { formula: "sum" },
  });
  const event = { event_name: "requests", identifier: "e1", payload: { stripe_customer_id: customer.id, value: "5" } };
  await before.billing.meterEvents.create(event);
  first.clock.advance(60_000);
  await first.process();
  await before.billing.meterEvents.create({ ...event, identifier: "e2" });
  await first.close();

  const second = await startSandbox(settings);
  onTestFinished(() => second.close());
  const after = clientOf(second);
  expect(second.clock.now()).toBe(START_AT + 60_000);
  const replayed = await after.customers.create({ name: "Acme (demo)" }, { idempotencyKey: "k1" });
  expect(replayed.id).toBe(customer.id);
  await expect(after.billing.meterEvents.create(event)).rejects.toThrow("An event already exists with identifier e1.");
  second.clock.advance(60_000);
  await second.process();
  const window = { start_time: START_S, end_time: START_S + 3_600 };
  const [summary] = (await after.billing.meters.listEventSummaries(meter.id, { customer: customer.id, ...window }))
    .data;
  expect(summary?.aggregated_value).toBe(10);
  expect((await after.customers.create()).id).not.toBe(customer.id);
});

test("what was answered is in the file: a sandbox that is killed forgets nothing that somebody was told", async () => {
  const file = stateFile();
  const first = await startSandbox({ tickMs: null, file });
  onTestFinished(() => first.close());
  const made = await Promise.all(Array.from({ length: 20 }, () => clientOf(first).customers.create()));
  // As it lies there now, without the orderly end.
  copyFileSync(file, `${file}.killed`);
  const second = await startSandbox({ tickMs: null, file: `${file}.killed` });
  onTestFinished(() => second.close());
  for (const { id } of made) expect((await clientOf(second).customers.retrieve(id)).id).toBe(id);
});

test("a file that is no state file stops the start and is left alone", async () => {
  const file = stateFile();
  writeFileSync(file, "not a state");
  await expect(startSandbox({ file, tickMs: null })).rejects.toThrow("is not a state file");
  expect(readFileSync(file, "utf8")).toBe("not a state");
});
