import { type Sandbox, startSandbox } from "@meterline/stripe-sandbox";
import { StripeGateway } from "../../platform/stripe/index.ts";
import { testStripeSettings } from "../../platform/stripe/stripe.testing.ts";
import type { Schedule } from "./schedule.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import { StripeNetwork } from "./stripe-network.ts";
import type { Trace } from "./trace.ts";
import { WebhookPost } from "./webhook-post.ts";

/** Stripe's stand-in, what lies between it and us, and a client of its own for what a person does at Stripe. */
export type StripeSide = {
  sandbox: Sandbox;
  network: StripeNetwork;
  post: WebhookPost;
  staff: StripeGateway;
  /** What the product is configured with. */
  environment: Record<string, string>;
  close(): Promise<void>;
};

/** What gets lost is in the schedule; that a busy machine is slow must not be taken for it. In real time. */
const patienceMs = 120_000;

/** Starts a sandbox as the schedule has it, with webhooks of both families on their way to us. */
export async function startStripeSide(
  schedule: Schedule,
  parts: { time: SimulatedTime; trace: Trace },
): Promise<StripeSide> {
  const { lagMs, lagJitterMs, asyncCheckRate, ...webhooks } = schedule.sandbox;
  const sandbox = await startSandbox({
    now: () => parts.time.stripes.now(),
    seed: schedule.seed,
    rateLimits: "off",
    tickMs: null,
    clockLagMs: 0,
    lagMs,
    lagJitterMs,
    asyncCheckRate,
    webhooks: { ...webhooks, timeoutMs: patienceMs },
  });
  const network = new StripeNetwork({ ...parts, sandbox });
  const post = new WebhookPost(parts);
  await post.open();
  const staff = new StripeGateway(testStripeSettings(sandbox), { clock: parts.time.stripes });
  const { stripe } = staff;
  const snapshots = await stripe.webhookEndpoints.create({ url: post.url, enabled_events: ["*"] });
  const thin = await stripe.v2.core.eventDestinations.create({
    name: "thin",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: ["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"],
    webhook_endpoint: { url: post.url },
    include: ["webhook_endpoint.signing_secret"],
  });
  return {
    sandbox,
    network,
    post,
    staff,
    environment: {
      STRIPE_API_KEY: "sk_test_simulation",
      STRIPE_API_URL: sandbox.url,
      STRIPE_WEBHOOK_SECRET: snapshots.secret ?? "",
      STRIPE_EVENT_SECRET: thin.webhook_endpoint?.signing_secret ?? "",
      STRIPE_CALLS_PER_SECOND: "10000",
      STRIPE_METER_EVENTS_PER_SECOND: "100000",
      STRIPE_STREAM_EVENTS_PER_SECOND: "200000",
      STRIPE_READS_PER_MONTH: "1000000",
      STRIPE_TIMEOUT_MS: String(patienceMs),
    },
    async close() {
      await post.close();
      await sandbox.close();
    },
  };
}
