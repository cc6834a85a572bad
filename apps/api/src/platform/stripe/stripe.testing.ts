import { type Sandbox, type SandboxSettings, startSandbox } from "@meterline/stripe-sandbox";
import { type Clock, systemClock } from "../clock.ts";
import { StripeGateway } from "./stripe-gateway.ts";
import type { StripeSettings } from "./stripe-settings.ts";

/** Settings of a gateway to a sandbox, without limits of its own that a test would wait for. */
export function testStripeSettings(sandbox: Sandbox, settings: Partial<StripeSettings> = {}): StripeSettings {
  return {
    apiKey: "sk_test_meterline",
    place: "SANDBOX",
    api: { host: sandbox.host, port: sandbox.port, protocol: "http" },
    webhookSecret: null,
    eventSecret: null,
    timeoutMs: 5_000,
    callsPerSecond: 10_000,
    meterEventsPerSecond: 10_000,
    streamEventsPerSecond: 100_000,
    readsPerMonth: 10_000,
    webhookBodyLimitBytes: 1_048_576,
    webhookRetentionDays: 90,
    catchUpEveryMs: 300_000,
    ...settings,
  };
}

/** A sandbox on a frozen clock without rate limits, and the gateway that talks to it over HTTP. The caller closes it. */
export async function startStripe(
  options: { sandbox?: SandboxSettings; settings?: Partial<StripeSettings>; clock?: Clock } = {},
): Promise<{ sandbox: Sandbox; gateway: StripeGateway }> {
  const clock = options.clock ?? systemClock;
  const sandbox = await startSandbox({ now: () => clock.now(), rateLimits: "off", tickMs: null, ...options.sandbox });
  const gateway = new StripeGateway(testStripeSettings(sandbox, options.settings), { clock });
  return { sandbox, gateway };
}
