import Stripe from "stripe";
import { onTestFinished } from "vitest";
import { type Sandbox, type SandboxSettings, startSandbox } from "../index.ts";

/** 2026-11-02T00:00:00Z, a Monday, where every test's frozen clock starts. */
export const START_AT = Date.UTC(2026, 10, 2);
/** The same in seconds. */
export const START_S = START_AT / 1000;
/** Day in seconds. */
export const DAY_S = 86_400;

/** A sandbox on a frozen clock, without rate limits or a ticking processor, and the official SDK talking to it. */
export async function testSandbox(
  settings: SandboxSettings = {},
  config: Partial<Stripe.StripeConfig> = {},
): Promise<{ sandbox: Sandbox; stripe: Stripe }> {
  const sandbox = await startSandbox({ now: () => START_AT, rateLimits: "off", tickMs: null, ...settings });
  onTestFinished(() => sandbox.close());
  return { sandbox, stripe: clientOf(sandbox, config) };
}

/** The official SDK, pointed at a sandbox; without retries, so that a test sees each reply. */
export function clientOf(sandbox: Sandbox, config: Partial<Stripe.StripeConfig> = {}, key = "sk_test_x"): Stripe {
  const { host, port } = sandbox;
  return new Stripe(key, { host, port, protocol: "http", telemetry: false, maxNetworkRetries: 0, ...config });
}

/** What a call was refused with; fails when it was not. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error("the call was not refused");
}
