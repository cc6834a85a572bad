import { waitUntil } from "@meterline/testkit";
import { expect, onTestFinished, test } from "vitest";
import { FrozenClock } from "../clock.ts";
import { createLogger } from "../observability/index.ts";
import { SandboxClock } from "./sandbox-clock.ts";
import { startStripe } from "./stripe.testing.ts";

const start = Date.parse("2026-03-16T10:00:00Z");

test("the time of a sandbox: moved forward with it, and kept where it does not answer", async () => {
  const machine = new FrozenClock(start);
  const { sandbox } = await startStripe({ clock: machine });
  const clock = new SandboxClock({ sandboxUrl: sandbox.url, machine, logger: createLogger("silent") });
  onTestFinished(() => clock.close());
  await clock.start();
  expect(clock.now()).toBe(start);
  sandbox.clock.advance(86_400_000);
  await waitUntil(() => clock.now() === start + 86_400_000, 10_000, "the clock to follow");
  machine.advance(1_000);
  expect(clock.now()).toBe(start + 86_401_000);
  await sandbox.close();
  const asked = new SandboxClock({ sandboxUrl: sandbox.url, machine, logger: createLogger("silent") });
  onTestFinished(() => asked.close());
  await asked.start();
  expect(asked.now()).toBe(machine.now());
});
