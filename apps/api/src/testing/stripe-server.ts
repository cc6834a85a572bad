import { freePort } from "@meterline/testkit";
import { type Sandbox, type SandboxSettings, startSandbox } from "@meterline/stripe-sandbox";
import { type Clock, FrozenClock } from "../platform/clock.ts";
import type { Stripe, StripeGateway } from "../platform/stripe/index.ts";
import { webhookPath } from "../platform/stripe/webhooks/index.ts";
import { startTestServer, type TestServer } from "./test-server.ts";
import { testNow } from "./test-system.ts";

/** A server that talks to a sandbox, both ways. */
export type StripeServer = TestServer & {
  sandbox: Sandbox;
  gateway: StripeGateway;
  stripe: Stripe;
  clock: FrozenClock;
  secrets: { webhook: string; event: string };
  /** Lets the sandbox do what is due, works what it sent, and brings customers to it, until all are still. */
  settle(): Promise<void>;
};

type Endpoint = { id: string; secret: string };

/**
 * A sandbox and a server on one frozen clock, the sandbox's webhooks pointed at the server: snapshot events to one
 * destination, thin ones to the other. Webhooks are worked by `settle`.
 */
export async function startStripeServer(
  options: {
    sandbox?: SandboxSettings;
    environment?: Record<string, string>;
    clock?: FrozenClock;
    /** No webhook ever arrives: for Stripe the server is down. */
    isDeaf?: boolean;
  } = {},
): Promise<StripeServer> {
  const clock = options.clock ?? new FrozenClock(testNow);
  const sandbox = await startSandbox({
    now: () => clock.now(),
    rateLimits: "off",
    tickMs: null,
    lagMs: 0,
    ...options.sandbox,
  });
  const port = await freePort();
  const heard = options.isDeaf === true ? await freePort() : port;
  const secrets = await makeDestinations(sandbox, `http://127.0.0.1:${heard}${webhookPath}`);
  const server = await startTestServer({
    clock: clock satisfies Clock,
    environment: {
      PORT: String(port),
      STRIPE_API_KEY: "sk_test_meterline",
      STRIPE_API_URL: sandbox.url,
      STRIPE_WEBHOOK_SECRET: secrets.webhook,
      STRIPE_EVENT_SECRET: secrets.event,
      STRIPE_CALLS_PER_SECOND: "10000",
      ...options.environment,
    },
  });
  const { gateway, inbox, sync } = server.container.stripe;
  if (gateway === null || inbox === null || sync === null) throw new Error("Stripe is configured");
  return {
    ...server,
    sandbox,
    gateway,
    stripe: gateway.stripe,
    clock,
    secrets,
    async settle() {
      for (let round = 0; round < 20; round += 1) {
        await sandbox.process();
        const attempts = (await inbox.work.drain()) + (await sync.work.drain());
        if (attempts === 0 && round > 0) return;
      }
      throw new Error("the sandbox and the inbox keep each other busy");
    },
    async stop() {
      await server.stop();
      await sandbox.close();
    },
  };
}

async function makeDestinations(sandbox: Sandbox, url: string): Promise<StripeServer["secrets"]> {
  const headers = { authorization: "Bearer sk_test_meterline" };
  const snapshot = await fetch(`${sandbox.url}/v1/webhook_endpoints`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ url, "enabled_events[0]": "*" }),
  });
  const thin = await fetch(`${sandbox.url}/v2/core/event_destinations`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({
      name: "Meterline",
      type: "webhook_endpoint",
      event_payload: "thin",
      enabled_events: ["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"],
      webhook_endpoint: { url },
      include: ["webhook_endpoint.signing_secret"],
    }),
  });
  const { secret } = (await snapshot.json()) as Endpoint;
  const { webhook_endpoint } = (await thin.json()) as { webhook_endpoint: { signing_secret: string } };
  return { webhook: secret, event: webhook_endpoint.signing_secret };
}
